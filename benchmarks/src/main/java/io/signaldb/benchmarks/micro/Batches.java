package io.signaldb.benchmarks.micro;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import io.signaldb.acceptor.otlp.RowLimits;
import io.signaldb.benchmarks.endtoend.Workload;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Requests of the end-to-end workload and the batches they become. */
final class Batches {
  private Batches() {}

  static TableSchema traces() {
    return Schemas.load().table("traces");
  }

  static OtlpEncoder<ExportTraceServiceRequest> encoder() {
    return OtlpEncoder.traces(Schemas.load(), RowLimits.DEFAULT, Clock.systemUTC());
  }

  /** Encoded OTLP requests of 512 spans. */
  static List<byte[]> requests(int count) {
    return Workload.generate((long) count * 520, 1, Instant.now()).requests().subList(0, count);
  }

  static ExportTraceServiceRequest parse(byte[] request) {
    try {
      return ExportTraceServiceRequest.parseFrom(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Arrow IPC streams of 512 spans. */
  static List<ByteBuffer> ipc(int count) {
    OtlpEncoder<ExportTraceServiceRequest> encoder = encoder();
    return requests(count).stream()
        .map(request -> encoder.encode(parse(request)).batches().get(0).ipc())
        .toList();
  }
}
