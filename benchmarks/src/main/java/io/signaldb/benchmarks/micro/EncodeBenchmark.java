package io.signaldb.benchmarks.micro;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.signaldb.acceptor.otlp.EncodedRequest;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** OTLP to Arrow, a request of 512 spans an operation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EncodeBenchmark {
  private final List<byte[]> requests = Batches.requests(64);
  private final OtlpEncoder<ExportTraceServiceRequest> encoder = Batches.encoder();
  private int next;

  /**
   * Protobuf bytes to protobuf objects only: the part of {@link #encodeParsed} that is not ours.
   */
  @Benchmark
  public ExportTraceServiceRequest parse() {
    return Batches.parse(requests.get(next++ % requests.size()));
  }

  /** Protobuf bytes to an Arrow IPC stream, as it is done with unusual requests. */
  @Benchmark
  public EncodedRequest encodeParsed() {
    return encoder.encode(Batches.parse(requests.get(next++ % requests.size())));
  }

  /** Protobuf bytes to an Arrow IPC stream. */
  @Benchmark
  public EncodedRequest encode() {
    byte[] request = requests.get(next++ % requests.size());
    return encoder.encode(request, 0, request.length).orElseThrow();
  }
}
