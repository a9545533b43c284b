/**
 * The TraceQL language: lexer, parser, typed syntax tree, evaluation over the spans of a trace.
 * Pure: imports nothing of SignalDB, knows no table, no ticket and no service.
 */
@NullMarked
package io.signaldb.querier.traceql;

import org.jspecify.annotations.NullMarked;
