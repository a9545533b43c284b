package io.signaldb.querier;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A query that says itself what it means: its text goes to the Querier, its functions tell what has
 * to come back.
 */
record ReferenceQuery(String text, Stage stage) {

  /** A span as a condition sees it. */
  record Seen(
      ReferenceTrace trace,
      TestSpan span,
      boolean pinned,
      TestSpan.@Nullable Event event,
      TestSpan.@Nullable Link link) {

    static Seen whole(ReferenceTrace trace, TestSpan span) {
      return new Seen(
          trace,
          span,
          false,
          span.events().isEmpty() ? null : span.events().get(0),
          span.links().isEmpty() ? null : span.links().get(0));
    }

    /**
     * The value of an attribute.
     *
     * @param scope as in a query, with the dot at its end
     */
    @Nullable Object attribute(String scope, String key) {
      if (scope.startsWith("parent.")) {
        TestSpan parent = trace.parent(span);
        String within = scope.equals("parent.") ? "." : scope.substring("parent.".length());
        return parent == null ? null : whole(trace, parent).attribute(within, key);
      }
      return switch (scope) {
        case "." -> {
          Object own = ReferenceTrace.attribute(span.attributes(), key);
          yield own != null ? own : ReferenceTrace.attribute(span.resource(), key);
        }
        case "span." -> ReferenceTrace.attribute(span.attributes(), key);
        case "resource." -> ReferenceTrace.attribute(span.resource(), key);
        case "instrumentation." -> ReferenceTrace.attribute(span.scope(), key);
        case "event." ->
            pinned
                ? event == null ? null : ReferenceTrace.attribute(event.attributes(), key)
                : first(span.events().stream().map(TestSpan.Event::attributes).toList(), key);
        case "link." ->
            pinned
                ? link == null ? null : ReferenceTrace.attribute(link.attributes(), key)
                : first(span.links().stream().map(TestSpan.Link::attributes).toList(), key);
        default -> throw new IllegalArgumentException(scope);
      };
    }

    private static @Nullable Object first(List<Map<String, Object>> places, String key) {
      for (Map<String, Object> place : places) {
        Object value = ReferenceTrace.attribute(place, key);
        if (value != null) {
          return value;
        }
      }
      return null;
    }
  }

  /** Something with a value for each span. */
  record Expression(String text, Function<Seen, @Nullable Object> value) {}

  /** Spans that belong together, and what is known about them. */
  record Group(List<TestSpan> spans, Map<String, @Nullable Object> known) {}

  /** A part between pipes. */
  interface Stage {
    List<Group> apply(ReferenceTrace trace, List<Group> groups);
  }

  /** What comes out of a trace, of which only some spans count. */
  List<Group> result(ReferenceTrace trace, List<TestSpan> counting) {
    return counting.isEmpty()
        ? List.of()
        : stage.apply(trace, List.of(new Group(counting, Map.of())));
  }

  static Stage filter(Expression condition) {
    return each(
        (trace, group) ->
            group.spans().stream().filter(span -> passes(trace, span, condition)).toList());
  }

  /** Whether the condition holds for one event and one link together. */
  private static boolean passes(ReferenceTrace trace, TestSpan span, Expression condition) {
    List<TestSpan.@Nullable Event> events = new ArrayList<>(span.events());
    List<TestSpan.@Nullable Link> links = new ArrayList<>(span.links());
    if (events.isEmpty()) {
      events.add(null);
    }
    if (links.isEmpty()) {
      links.add(null);
    }
    for (TestSpan.Event event : events) {
      for (TestSpan.Link link : links) {
        Object value = condition.value().apply(new Seen(trace, span, true, event, link));
        if (Boolean.TRUE.equals(ReferenceValues.truth(value))) {
          return true;
        }
      }
    }
    return false;
  }

  interface Selection {
    List<TestSpan> of(ReferenceTrace trace, Group group);
  }

  /** A stage that makes of each group one with fewer spans, or none. */
  static Stage each(Selection selection) {
    return (trace, groups) -> {
      List<Group> results = new ArrayList<>();
      for (Group group : groups) {
        List<TestSpan> selected = selection.of(trace, group);
        if (!selected.isEmpty()) {
          results.add(new Group(selected, group.known()));
        }
      }
      return results;
    };
  }

  /** Everything that a stage makes of a group, in the group's order. */
  static List<TestSpan> spans(ReferenceTrace trace, Group group, Stage stage) {
    List<Group> results = stage.apply(trace, List.of(group));
    return group.spans().stream()
        .filter(span -> results.stream().anyMatch(result -> result.spans().contains(span)))
        .toList();
  }

  static Stage combined(Stage left, boolean both, Stage right) {
    return each(
        (trace, group) -> {
          List<TestSpan> ofLeft = spans(trace, group, left);
          List<TestSpan> ofRight = spans(trace, group, right);
          if (both && (ofLeft.isEmpty() || ofRight.isEmpty())) {
            return List.of();
          }
          return group.spans().stream()
              .filter(span -> ofLeft.contains(span) || ofRight.contains(span))
              .toList();
        });
  }

  static Stage structural(Stage left, String sign, String relation, Stage right) {
    return each(
        (trace, group) -> {
          List<TestSpan> ofLeft = spans(trace, group, left);
          List<TestSpan> ofRight = spans(trace, group, right);
          List<TestSpan> result = new ArrayList<>();
          for (TestSpan span : group.spans()) {
            boolean asRight =
                ofRight.contains(span)
                    && ofLeft.stream().anyMatch(l -> related(trace, l, relation, span));
            boolean asLeft =
                ofLeft.contains(span)
                    && ofRight.stream().anyMatch(r -> related(trace, span, relation, r));
            boolean wanted =
                switch (sign) {
                  case "!" -> ofRight.contains(span) && !asRight;
                  case "&" -> asRight || asLeft;
                  default -> asRight;
                };
            if (wanted) {
              result.add(span);
            }
          }
          return result;
        });
  }

  private static boolean related(
      ReferenceTrace trace, TestSpan left, String relation, TestSpan right) {
    return switch (relation) {
      case ">" -> trace.parent(right) == left;
      case "<" -> trace.parent(left) == right;
      case ">>" -> trace.isBelow(right, left);
      case "<<" -> trace.isBelow(left, right);
      case "~" ->
          left != right && trace.parent(left) != null && trace.parent(left) == trace.parent(right);
      default -> throw new IllegalArgumentException(relation);
    };
  }

  static Stage grouped(Expression key) {
    return (trace, groups) -> {
      List<Group> results = new ArrayList<>();
      for (Group group : groups) {
        Map<@Nullable Object, List<TestSpan>> byValue = new LinkedHashMap<>();
        for (TestSpan span : group.spans()) {
          Object value = key.value().apply(Seen.whole(trace, span));
          byValue.computeIfAbsent(value, v -> new ArrayList<>()).add(span);
        }
        byValue.forEach(
            (value, spans) ->
                results.add(
                    new Group(spans, plus(group.known(), "by(" + key.text() + ")", value))));
      }
      return results;
    };
  }

  static Stage coalesced() {
    return (trace, groups) -> {
      List<TestSpan> all =
          trace.spans.stream()
              .filter(span -> groups.stream().anyMatch(group -> group.spans().contains(span)))
              .toList();
      return all.isEmpty() ? List.of() : List.of(new Group(all, Map.of()));
    };
  }

  /** A number of a group. */
  record Aggregate(String text, String function, @Nullable Expression of) {
    @Nullable Object value(ReferenceTrace trace, Group group) {
      if (of == null) {
        return (long) group.spans().size();
      }
      List<Object> numbers = new ArrayList<>();
      for (TestSpan span : group.spans()) {
        Object value = of.value().apply(Seen.whole(trace, span));
        if (ReferenceValues.isNumber(value) && !Double.isNaN(ReferenceValues.real(value))) {
          numbers.add(value);
        }
      }
      if (numbers.isEmpty()) {
        return null;
      }
      Object result = numbers.get(0);
      for (Object number : numbers.subList(1, numbers.size())) {
        result =
            switch (function) {
              case "min" -> ReferenceValues.compare(number, "<", result, false) ? number : result;
              case "max" -> ReferenceValues.compare(number, ">", result, false) ? number : result;
              default -> ReferenceValues.calculate(result, "+", number);
            };
      }
      if (!function.equals("avg") || result == null) {
        return result;
      }
      double average = ReferenceValues.real(result) / numbers.size();
      return result instanceof ReferenceValues.Time
          ? new ReferenceValues.Time(Math.round(average))
          : (Object) average;
    }
  }

  static Stage having(Aggregate left, String operator, Object number) {
    return (trace, groups) -> {
      List<Group> results = new ArrayList<>();
      for (Group group : groups) {
        Object value = left.value(trace, group);
        if (ReferenceValues.compare(value, operator, number, false)) {
          results.add(new Group(group.spans(), plus(group.known(), left.text(), value)));
        }
      }
      return results;
    };
  }

  static Stage having(Aggregate left, String operator, String factor, Aggregate right) {
    return (trace, groups) -> {
      List<Group> results = new ArrayList<>();
      for (Group group : groups) {
        Object value = left.value(trace, group);
        Object other = right.value(trace, group);
        Object scaled = ReferenceValues.calculate(Long.valueOf(factor), "*", other);
        if (ReferenceValues.compare(value, operator, scaled, false)) {
          results.add(
              new Group(
                  group.spans(),
                  plus(plus(group.known(), left.text(), value), right.text(), other)));
        }
      }
      return results;
    };
  }

  /** Numbers of two pipelines compared. */
  static Stage having(Stage left, Aggregate ofLeft, String operator, Stage right, Aggregate of) {
    return each(
        (trace, group) -> {
          List<TestSpan> lefts = spans(trace, group, left);
          List<TestSpan> rights = spans(trace, group, right);
          boolean holds =
              ReferenceValues.compare(
                  ofLeft.value(trace, new Group(lefts, Map.of())),
                  operator,
                  of.value(trace, new Group(rights, Map.of())),
                  false);
          return group.spans().stream()
              .filter(span -> holds && (lefts.contains(span) || rights.contains(span)))
              .toList();
        });
  }

  private static Map<String, @Nullable Object> plus(
      Map<String, @Nullable Object> known, String name, @Nullable Object value) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(known);
    more.put(name, value);
    return more;
  }
}
