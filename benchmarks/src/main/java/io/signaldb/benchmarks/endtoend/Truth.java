package io.signaldb.benchmarks.endtoend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The generated traces, to check answers against. */
final class Truth {
  private final List<TraceFacts> traces = new ArrayList<>();

  void add(TraceFacts trace) {
    traces.add(trace);
  }

  int traces() {
    return traces.size();
  }

  /** Some trace; the same for the same {@code n}, far from that of {@code n - 1}. */
  TraceFacts sample(int n) {
    return traces.get((int) (n * 7919L % traces.size()));
  }

  /** Ids of the traces that {@code matching} holds for. */
  Set<String> ids(Predicate<TraceFacts> matching) {
    return traces.stream().filter(matching).map(TraceFacts::traceId).collect(Collectors.toSet());
  }

  /** The longest span of the trace that is {@code rank}th by its longest span; 1 is the first. */
  long longestNanos(int rank) {
    return traces.stream()
        .map(TraceFacts::longestNanos)
        .sorted(Comparator.reverseOrder())
        .skip(rank - 1L)
        .findFirst()
        .orElseThrow();
  }
}
