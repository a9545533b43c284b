package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;

/** One log record with the messages that enclose it; see {@link SpanRow}. */
record LogRow(ResourceLogs resource, ScopeLogs scope, LogRecord log) {}
