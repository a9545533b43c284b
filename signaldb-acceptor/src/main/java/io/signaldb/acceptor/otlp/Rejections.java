package io.signaldb.acceptor.otlp;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The rows of one request that were left out, told as one message. */
final class Rejections {
  private record Group(String firstMessage, int rows) {}

  private final Map<String, Group> groups = new LinkedHashMap<>();
  private int rows;

  void add(Rejection rejection, int count) {
    if (count == 0) {
      return;
    }
    rows += count;
    groups.merge(
        rejection.kind(),
        new Group(rejection.message(), count),
        (known, added) -> new Group(known.firstMessage(), known.rows() + added.rows()));
  }

  int rows() {
    return rows;
  }

  /**
   * Each kind with its number of rows and its first message; empty when there is none.
   *
   * @param noun what a row is: {@code span}
   */
  String message(String noun) {
    return groups.values().stream()
        .map(
            group ->
                "%d %s%s rejected: %s"
                    .formatted(
                        group.rows(), noun, group.rows() == 1 ? "" : "s", group.firstMessage()))
        .collect(Collectors.joining("; "));
  }
}
