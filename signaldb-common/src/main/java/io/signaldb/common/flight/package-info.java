/** Arrow Flight: the endpoint and client pool of the services, and what travels on it. */
@NullMarked
package io.signaldb.common.flight;

import org.jspecify.annotations.NullMarked;
