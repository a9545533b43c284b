package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;

/**
 * One span with the messages that enclose it. The component names are the first step of a {@code
 * source} path in {@code schemas.toml}.
 */
record SpanRow(ResourceSpans resource, ScopeSpans scope, Span span) {}
