package io.signaldb.querier;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What TraceQL means by values, once more and as simply as possible: String, Long, Double, Boolean,
 * {@link Word}, {@link Time}, a List for an array, {@link Opaque}; null for no value.
 */
final class ReferenceValues {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReferenceValues() {}

  /** A status or kind. */
  record Word(String text) {}

  /** A duration. */
  record Time(long nanos) {}

  /** What compares with nothing. */
  record Opaque(String json) {}

  /** The value of an attribute as it was stored. */
  static @Nullable Object stored(@Nullable Object value) {
    if (!(value instanceof TestSpan.Json json)) {
      return value;
    }
    try {
      return any(JSON.readTree(json.text()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Object any(JsonNode json) {
    if (json.isEmpty()) {
      return null;
    }
    if (json.has("stringValue")) {
      return json.get("stringValue").asText();
    }
    if (json.has("intValue")) {
      return json.get("intValue").asLong();
    }
    if (json.has("doubleValue")) {
      return json.get("doubleValue").asDouble();
    }
    if (json.has("boolValue")) {
      return json.get("boolValue").asBoolean();
    }
    if (json.has("arrayValue")) {
      List<@Nullable Object> elements = new ArrayList<>();
      json.get("arrayValue").path("values").forEach(element -> elements.add(any(element)));
      return elements;
    }
    return new Opaque(json.toString());
  }

  /**
   * @param strict whether an integer and a float are of different types
   */
  static boolean compare(
      @Nullable Object left, String operator, @Nullable Object right, boolean strict) {
    if (left == null || right == null) {
      return false;
    }
    if (left instanceof List<?> && right instanceof List<?>) {
      return operator.equals("=")
          ? left.equals(right)
          : operator.equals("!=") && !left.equals(right);
    }
    if (left instanceof List<?> elements) {
      return compareElements(elements, operator, right, strict);
    }
    if (right instanceof List<?> elements) {
      return compareElements(elements, mirrored(operator), left, strict);
    }
    if (left instanceof Opaque || right instanceof Opaque) {
      return false;
    }
    if (isNumber(left) && isNumber(right)) {
      return compareNumbers(left, operator, right, strict);
    }
    if (left instanceof String a && right instanceof String b) {
      return holds(a.compareTo(b), operator);
    }
    return left.getClass() == right.getClass() && holds(left.equals(right) ? 0 : 1, operator);
  }

  private static boolean compareElements(
      List<?> elements, String operator, Object value, boolean strict) {
    boolean any = false;
    boolean comparable = elements.isEmpty();
    for (Object element : elements) {
      String asked = operator.equals("!=") ? "=" : operator;
      any |= compare(element, asked, value, strict);
      comparable |= compare(element, operator, value, strict);
    }
    return operator.equals("!=") ? comparable && !any : any;
  }

  private static boolean compareNumbers(
      Object left, String operator, Object right, boolean strict) {
    boolean mixed = left instanceof Double ^ right instanceof Double;
    if (strict && mixed && (left instanceof Long || right instanceof Long)) {
      return false;
    }
    if (Double.isNaN(real(left)) || Double.isNaN(real(right))) {
      return operator.equals("!=");
    }
    if (left instanceof Double || right instanceof Double) {
      double a = real(left);
      double b = real(right);
      return holds(a == b ? 0 : a < b ? -1 : 1, operator);
    }
    return holds(Long.compare(integer(left), integer(right)), operator);
  }

  private static boolean holds(int order, String operator) {
    return switch (operator) {
      case "=" -> order == 0;
      case "!=" -> order != 0;
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static String mirrored(String operator) {
    return operator.startsWith("<")
        ? operator.replace('<', '>')
        : operator.startsWith(">") ? operator.replace('>', '<') : operator;
  }

  /** What {@code =~} finds; with {@code negated} what {@code !~} does. */
  static boolean matches(@Nullable Object value, String regex, boolean negated) {
    if (value instanceof String text) {
      return text.matches("(?s:" + regex + ")") != negated;
    }
    if (!(value instanceof List<?> elements)) {
      return false;
    }
    boolean found = false;
    boolean texts = elements.isEmpty();
    for (Object element : elements) {
      texts |= element instanceof String;
      found |= matches(element, regex, false);
    }
    return negated ? texts && !found : found;
  }

  /** Null for what is no boolean. */
  static @Nullable Boolean truth(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof List<?> elements) {
      return elements.contains(true) ? Boolean.TRUE : elements.contains(false) ? false : null;
    }
    return null;
  }

  static boolean isNumber(@Nullable Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Time;
  }

  static double real(Object number) {
    return number instanceof Double real ? real : (double) integer(number);
  }

  private static long integer(Object number) {
    return number instanceof Time time ? time.nanos() : (Long) number;
  }

  /** The results here are small: nothing overflows. */
  static @Nullable Object calculate(
      @Nullable Object left, String operator, @Nullable Object right) {
    if (!isNumber(left) || !isNumber(right) || left == null || right == null) {
      return null;
    }
    boolean time = left instanceof Time || right instanceof Time;
    boolean real = left instanceof Double || right instanceof Double || right instanceof Time;
    double a = real(left);
    double b = real(right);
    if (operator.equals("/") && b == 0) {
      return null;
    }
    if (operator.equals("/") && real) {
      Object ratio = number(a / b);
      boolean ofTime = left instanceof Time && !(right instanceof Time);
      return ofTime && ratio != null ? new Time(Math.round(a / b)) : ratio;
    }
    double result =
        switch (operator) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          case "/" -> a / b < 0 ? Math.ceil(a / b) : Math.floor(a / b);
          default -> throw new IllegalArgumentException(operator);
        };
    if (Double.isNaN(result)) {
      return null;
    }
    if (time) {
      return new Time(Math.round(result));
    }
    return left instanceof Double || right instanceof Double ? result : (Object) (long) result;
  }

  private static @Nullable Object number(double result) {
    return Double.isNaN(result) ? null : result;
  }
}
