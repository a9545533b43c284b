/** The gateway: Tempo's HTTP API and Flight in, query tickets to a live Querier out. */
@NullMarked
package io.signaldb.router;

import org.jspecify.annotations.NullMarked;
