package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.signaldb.common.schema.TableSchema;
import java.time.Clock;

/** Turns OTLP trace requests into batches of the wire schema. Thread-safe. */
public final class TraceEncoder {
  public TraceEncoder(TableSchema traces, SpanLimits limits, Clock clock) {}

  /** Encodes the valid spans of {@code request} and tells why the others were left out. */
  public EncodedTraces encode(ExportTraceServiceRequest request) {
    throw new UnsupportedOperationException();
  }
}
