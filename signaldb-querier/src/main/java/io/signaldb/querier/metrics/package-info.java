/**
 * Metrics queries: TraceQL that counts and measures spans over time. Imports {@code read}, {@code
 * tag}, {@code tag}, {@code trace} and {@code traceql}.
 */
@NullMarked
package io.signaldb.querier.metrics;

import org.jspecify.annotations.NullMarked;
