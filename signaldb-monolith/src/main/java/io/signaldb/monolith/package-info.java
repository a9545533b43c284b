/** The four services in one process: wiring, no logic. */
@NullMarked
package io.signaldb.monolith;

import org.jspecify.annotations.NullMarked;
