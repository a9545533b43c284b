package io.signaldb.acceptor.receive;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

/**
 * A request as it was read from a body.
 *
 * @param warning for the sender, about what had to be changed to read it; empty if nothing was
 */
record ParsedTraces(ExportTraceServiceRequest request, String warning) {
  static ParsedTraces whole(ExportTraceServiceRequest request) {
    return new ParsedTraces(request, "");
  }

  static ParsedTraces repaired(ExportTraceServiceRequest request) {
    return new ParsedTraces(
        request, "the request has text that is not UTF-8; the wrong bytes were replaced by U+FFFD");
  }
}
