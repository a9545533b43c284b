/** Questions to Queriers: request parameters to tickets, a live Querier to ask, its answer. */
@NullMarked
package io.signaldb.router.query;

import org.jspecify.annotations.NullMarked;
