package io.signaldb.producer;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What one run has reported so far, and the questions that this answers. Single-threaded. */
final class Tally {
  private final Instant start;
  private long traces;
  private long spans;
  private long failed;
  private long orders;
  private TraceGenerator.@Nullable Trace slowest;

  Tally(Instant start) {
    this.start = start;
  }

  void add(TraceGenerator.Trace trace) {
    traces++;
    spans += trace.spans();
    if (trace.failed()) {
      failed++;
    }
    if (trace.name().equals("POST /orders")) {
      orders++;
    }
    TraceGenerator.Trace before = slowest;
    if (before == null || trace.nanos() > before.nanos()) {
      slowest = trace;
    }
  }

  long traces() {
    return traces;
  }

  long spans() {
    return spans;
  }

  /**
   * Commands that ask a Tempo API about this run, each after a comment with its answer.
   *
   * @param url base of the API, such as {@code http://localhost:3000/tempo}
   * @param withKey whether the API asks for the key that the run was sent with
   */
  List<String> questions(String url, boolean withKey, Instant end) {
    TraceGenerator.Trace trace = slowest;
    if (trace == null) {
      return List.of();
    }
    // A search without a window takes what earlier runs left behind into account.
    String window =
        String.format(
            Locale.ROOT,
            " --data-urlencode limit=10000 -d start=%d -d end=%d",
            start.getEpochSecond() - 60,
            end.getEpochSecond() + 1);
    String curl = withKey ? "curl -H \"Authorization: Bearer $SIGNALDB_API_KEY\"" : "curl";
    return List.of(
        String.format(
            Locale.ROOT,
            "# the slowest trace: %s, %d spans, %.1f ms%n%s -s %s/api/traces/%s",
            trace.name(),
            trace.spans(),
            trace.nanos() / 1e6,
            curl,
            url,
            trace.traceId()),
        String.format(
            Locale.ROOT,
            "# traces with an error: %d of %d%n"
                + "%s -sG %s/api/search --data-urlencode 'q={ status = error }'%s",
            failed,
            traces,
            curl,
            url,
            window),
        String.format(
            Locale.ROOT,
            "# orders placed: %d%n"
                + "%s -sG %s/api/search --data-urlencode 'q={ span.http.route = \"/orders\" }'%s",
            orders,
            curl,
            url,
            window));
  }
}
