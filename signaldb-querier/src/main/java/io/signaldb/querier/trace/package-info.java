/**
 * Finding traces: by id, and by a TraceQL query in two steps. The engine finds the newest traces
 * with a span that may match; then whole traces are read and the language's full semantics decide.
 */
@NullMarked
package io.signaldb.querier.trace;

import org.jspecify.annotations.NullMarked;
