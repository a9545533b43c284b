package io.signaldb.benchmarks.endtoend;

import io.signaldb.benchmarks.endtoend.TempoClient.Answer;
import io.signaldb.benchmarks.endtoend.TempoClient.WrongAnswer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * A kind of query whose answers the generator knows.
 *
 * @param name what the report calls it
 * @param ask the n-th query; values differ from one to the next where there are several
 */
record Question(String name, IntFunction<Ask> ask) {
  private static final int ALL = 1000;

  /** One query: a path of the Tempo API and a check that throws {@link WrongAnswer}. */
  record Ask(String path, Consumer<Answer> check) {}

  /** The fixed set, over everything in {@code workload}. */
  static List<Question> all(Workload workload) {
    Truth truth = workload.truth();
    Searches searches =
        new Searches(workload.end().minus(Workload.WINDOW).minusSeconds(60), workload.end());
    List<Question> questions = new ArrayList<>();
    questions.add(new Question("trace by id", n -> traceById(truth.sample(n))));
    questions.add(new Question("unknown trace id", Question::unknownId));
    questions.add(
        searches.any20(
            "service, any 20",
            n -> Workload.SERVICES[1 + n % 10],
            "{ resource.service.name = \"%s\" }",
            service ->
                truth.ids(trace -> trace.has(Arrays.asList(Workload.SERVICES).indexOf(service)))));
    questions.add(
        searches.any20(
            "span name, any 20",
            n -> TraceFacts.COMMON_NAME,
            "{ name = \"%s\" }",
            name -> truth.ids(TraceFacts::hasCommonName)));
    long longest = truth.longestNanos(Math.max(1, (int) (truth.traces() * 154L / 65_000)));
    questions.add(
        searches.exactly(
            "duration > x",
            n -> String.format(Locale.ROOT, "{ duration >= %dns }", longest),
            n -> truth.ids(trace -> trace.longestNanos() >= longest)));
    questions.add(
        searches.exactly(
            "rare attribute = x",
            n -> "{ span.app.cart.id = \"" + truth.sample(n).cartId() + "\" }",
            n -> Set.of(truth.sample(n).traceId())));
    questions.add(
        searches.exactly(
            "attribute = x",
            n -> "{ span.app.customer.id = \"" + truth.sample(n).customerId() + "\" }",
            n -> truth.ids(trace -> trace.customerId().equals(truth.sample(n).customerId()))));
    questions.add(
        searches.exactly(
            "attribute absent everywhere",
            n -> "{ span.app.no.such.key = \"x" + n + "\" }",
            n -> Set.of()));
    questions.add(
        searches.exactly(
            "http status >= 500",
            n -> "{ span.http.response.status_code >= 500 }",
            n -> truth.ids(TraceFacts::hasServerError)));
    questions.add(
        searches.exactly(
            "service and error",
            n -> "{ resource.service.name = \"warehouse\" && status = error }",
            n -> truth.ids(trace -> trace.hasError(Workload.WAREHOUSE))));
    questions.add(
        searches.exactly(
            "regex on a name",
            n -> "{ name =~ \"GET /admin/export-.*\" }",
            n -> truth.ids(TraceFacts::hasExportName)));
    return questions;
  }

  /** The answer must be the whole trace. */
  static Ask traceById(TraceFacts trace) {
    Set<Long> expected = Arrays.stream(trace.spanIds()).boxed().collect(Collectors.toSet());
    return new Ask(
        TempoClient.traceById(trace.traceId()),
        answer -> {
          Set<Long> found = answer.spanIds();
          if (!found.equals(expected)) {
            throw new WrongAnswer(
                answer, found.size() + " spans, expected the " + expected.size() + " sent");
          }
        });
  }

  private static Ask unknownId(int n) {
    return new Ask(
        TempoClient.traceById(String.format(Locale.ROOT, "%032x", 0x5EED_0000L + n)),
        answer -> {
          if (answer.status() != 404) {
            throw new WrongAnswer(answer, "expected status 404");
          }
        });
  }

  private record Searches(Instant start, Instant end) {

    Question any20(
        String name,
        IntFunction<String> value,
        String query,
        Function<String, Set<String>> matching) {
      Map<String, Set<String>> known = new ConcurrentHashMap<>();
      return new Question(
          name,
          n ->
              new Ask(
                  TempoClient.search(
                      String.format(Locale.ROOT, query, value.apply(n)), 20, start, end),
                  answer -> {
                    Set<String> expected = known.computeIfAbsent(value.apply(n), matching);
                    within(answer, expected, Math.min(20, expected.size()));
                  }));
    }

    Question exactly(String name, IntFunction<String> query, IntFunction<Set<String>> matching) {
      return new Question(
          name,
          n ->
              new Ask(
                  TempoClient.search(query.apply(n), ALL, start, end),
                  answer -> {
                    Set<String> expected = matching.apply(n);
                    within(answer, expected, Math.min(ALL, expected.size()));
                  }));
    }

    private static void within(Answer answer, Set<String> expected, int count) {
      Set<String> found = answer.traceIds();
      if (found.size() != count || !expected.containsAll(found)) {
        long wrong = found.stream().filter(id -> !expected.contains(id)).count();
        throw new WrongAnswer(
            answer, found.size() + " traces, " + wrong + " of them wrong; expected " + count);
      }
    }
  }
}
