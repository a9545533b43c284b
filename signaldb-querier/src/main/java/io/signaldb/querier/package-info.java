/** The Querier: tickets in, plans on DataFusion, Arrow out. */
@NullMarked
package io.signaldb.querier;

import org.jspecify.annotations.NullMarked;
