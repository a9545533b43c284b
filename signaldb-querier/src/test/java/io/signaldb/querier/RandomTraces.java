package io.signaldb.querier;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes traces of few names and values, so that queries find something: with several roots or none,
 * parents that are missing or go round in a circle, ids shared by client and server, events, links,
 * and attributes of every type under the same keys.
 */
final class RandomTraces {
  static final List<String> TEXTS = List.of("x", "y", "xy", "", "a.b");
  static final List<String> NAMES = List.of("GET /", "POST /", "query");
  static final List<String> SERVICES = List.of("shop", "pay", "db");
  static final List<String> KEYS =
      List.of("a", "b", "flag", "http.route", "http.response.status_code");
  static final long MILLI = 1_000_000;

  private static final List<Object> VALUES =
      List.of(
          -1L,
          0L,
          1L,
          2L,
          500L,
          0.0,
          -0.0,
          1.0,
          1.5,
          Double.NaN,
          true,
          false,
          json("{}"),
          json("{'arrayValue':{}}"),
          json("{'arrayValue':{'values':[{'stringValue':'x'},{'stringValue':'y'}]}}"),
          json("{'arrayValue':{'values':[{'intValue':'1'},{'intValue':'2'}]}}"),
          json("{'arrayValue':{'values':[{'boolValue':true}]}}"),
          json("{'arrayValue':{'values':[{'doubleValue':1.5},{'stringValue':'y'},{}]}}"),
          json("{'kvlistValue':{'values':[{'key':'x','value':{'intValue':'1'}}]}}"),
          json("{'bytesValue':'eA=='}"));

  private final Random random;

  RandomTraces(Random random) {
    this.random = random;
  }

  private static TestSpan.Json json(String text) {
    return new TestSpan.Json(text.replace('\'', '"'));
  }

  List<List<TestSpan>> traces(int count) {
    List<List<TestSpan>> traces = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      traces.add(trace(Integer.toHexString(number)));
    }
    return traces;
  }

  private List<TestSpan> trace(String id) {
    List<TestSpan> spans = new ArrayList<>();
    int size = 1 + random.nextInt(10);
    long second = random.nextInt(600);
    for (int i = 0; i < size; i++) {
      TestSpan span =
          attributes(TestSpan.root(id, id + "e" + i, second))
              .at(TestSpan.NOON + (second * 1000 + random.nextInt(50) * 10L) * MILLI)
              .lasting((1L + random.nextInt(20)) * 10 * MILLI)
              .named(pick(NAMES))
              .of(pick(SERVICES))
              .kind(random.nextInt(6))
              .status(random.nextInt(3), random.nextBoolean() ? "" : pick(TEXTS));
      spans.add(related(span, spans, id));
    }
    if (size > 3 && chance(15)) {
      spans.set(1, spans.get(1).childOf(spans.get(2)));
      spans.set(2, spans.get(2).childOf(spans.get(1)));
    }
    return spans;
  }

  private TestSpan related(TestSpan span, List<TestSpan> before, String id) {
    if (before.isEmpty()) {
      return chance(85) ? span : span.childOf(TestSpan.root(id, id + "ff", 0));
    }
    TestSpan other = pick(before);
    if (chance(5)) {
      return span; // one more root
    }
    if (chance(10)) {
      return span.childOf(TestSpan.root(id, id + "fe", 0)); // its parent is not there
    }
    boolean shared =
        chance(15)
            && other.kind() == 3
            && before.stream()
                .noneMatch(s -> s.spanId().equals(other.spanId()) && s.kind() != other.kind());
    return shared ? attributes(other.kind(2)).named(pick(NAMES)) : span.childOf(other);
  }

  private TestSpan attributes(TestSpan bare) {
    TestSpan span = bare;
    for (String key : KEYS) {
      if (chance(50)) {
        span = span.with(key, value());
      }
      if (chance(25)) {
        span = span.withResource(key, value());
      }
    }
    if (chance(40)) {
      span = span.instrumentedBy(pick(TEXTS), pick(TEXTS)).withScope("a", value());
    }
    int events = random.nextInt(3);
    for (int i = 0; i < events; i++) {
      span = span.withEvent(pick(TEXTS), random.nextInt(5) * MILLI, some());
    }
    int links = random.nextInt(5) == 0 ? 2 : random.nextInt(2);
    for (int i = 0; i < links; i++) {
      span = span.withLink(pick(List.of("1", "2")), "7", some());
    }
    return span;
  }

  private Map<String, Object> some() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    for (String key : List.of("a", "b")) {
      if (chance(60)) {
        attributes.put(key, value());
      }
    }
    return attributes;
  }

  private Object value() {
    return chance(40) ? pick(TEXTS) : pick(VALUES);
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
