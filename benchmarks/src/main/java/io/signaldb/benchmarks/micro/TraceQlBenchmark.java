package io.signaldb.benchmarks.micro;

import io.signaldb.querier.traceql.Query;
import io.signaldb.querier.traceql.TraceQl;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** TraceQL text to a checked syntax tree. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TraceQlBenchmark {
  /** One condition, and what a dashboard asks. */
  @Param({
    "{ resource.service.name = \"cart\" }",
    "{ resource.service.name = \"cart\" && (status = error || duration > 1.5s)"
        + " && span.http.response.status_code >= 500 && name =~ \"GET .*\" }"
  })
  private String query = "";

  /** Parses. */
  @Benchmark
  public Query parse() {
    return TraceQl.parse(query);
  }
}
