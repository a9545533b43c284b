package io.signaldb.querier.traceql;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What {@code with(name=value, …)} says about how to answer; nobody has to heed it. Of a name that
 * stands twice the last value counts.
 */
public record Hints(Map<String, Value> values) {
  /** A query without hints. */
  public static final Hints NONE = new Hints(Map.of());

  public Hints {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The value of a hint that is a truth value; empty if it is not there or something else. */
  public Optional<Boolean> truth(String name) {
    return values.get(name) instanceof Value.Bool bool
        ? Optional.of(bool.truth())
        : Optional.empty();
  }

  /** The value of a hint that is a number; empty if it is not there or something else. */
  public Optional<Double> number(String name) {
    Value value = values.get(name);
    return value != null && Numbers.isNumber(value)
        ? Optional.of(Numbers.real(value))
        : Optional.empty();
  }

  /** The hints as a query writes them; empty if there are none. */
  public String text() {
    return values.isEmpty()
        ? ""
        : values.entrySet().stream()
            .map(hint -> hint.getKey() + "=" + hint.getValue().literal())
            .collect(Collectors.joining(", ", " with(", ")"));
  }
}
