package io.signaldb.acceptor.otlp;

import com.google.protobuf.Message;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rows of one request that were left out, told as one message. */
final class Rejections {
  private record Group(String firstMessage, int count) {}

  private final Map<String, Group> groups = new LinkedHashMap<>();
  private final Map<String, Group> warnings = new LinkedHashMap<>();
  private final RejectionListener listener;
  private int rows;

  Rejections(RejectionListener listener) {
    this.listener = listener;
  }

  void add(Rejection rejection, Message row) {
    rows++;
    count(groups, rejection);
    listener.rejected(row, rejection.message());
  }

  /** Tells of something that has no row to be left out. */
  void warn(Rejection oddity) {
    count(warnings, oddity);
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
    Stream<String> rejected =
        groups.values().stream()
            .map(
                group ->
                    "%d %s%s rejected: %s"
                        .formatted(
                            group.count(),
                            noun,
                            group.count() == 1 ? "" : "s",
                            group.firstMessage()));
    Stream<String> odd =
        warnings.values().stream()
            .map(
                group ->
                    group.count() == 1
                        ? group.firstMessage()
                        : "%s (%d times)".formatted(group.firstMessage(), group.count()));
    return Stream.concat(rejected, odd).collect(Collectors.joining("; "));
  }

  private static void count(Map<String, Group> groups, Rejection rejection) {
    groups.merge(
        rejection.kind(),
        new Group(rejection.message(), 1),
        (known, added) -> new Group(known.firstMessage(), known.count() + added.count()));
  }
}
