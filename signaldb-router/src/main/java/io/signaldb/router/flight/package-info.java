/** The Router's Flight service. */
@NullMarked
package io.signaldb.router.flight;

import org.jspecify.annotations.NullMarked;
