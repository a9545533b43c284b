package io.signaldb.benchmarks.micro;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.signaldb.acceptor.otlp.EncodedRequest;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import io.signaldb.acceptor.otlp.RowLimits;
import io.signaldb.common.schema.Schemas;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** OTLP logs to Arrow, a request of 512 records an operation; see {@link EncodeBenchmark}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EncodeLogsBenchmark {
  private final List<byte[]> requests = Batches.logRequests(64);
  private final OtlpEncoder<ExportLogsServiceRequest> encoder =
      OtlpEncoder.logs(Schemas.load(), RowLimits.DEFAULT, Clock.systemUTC());
  private int next;

  /** Protobuf bytes to an Arrow IPC stream, as it is done with unusual requests. */
  @Benchmark
  public EncodedRequest encodeParsed() throws InvalidProtocolBufferException {
    return encoder.encode(
        ExportLogsServiceRequest.parseFrom(requests.get(next++ % requests.size())));
  }

  /** Protobuf bytes to an Arrow IPC stream. */
  @Benchmark
  public EncodedRequest encode() {
    byte[] request = requests.get(next++ % requests.size());
    return encoder.encode(request, 0, request.length).orElseThrow();
  }
}
