package io.signaldb.querier.trace;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.querier.traceql.ComparisonOperator;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Comparison;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.FieldExpression.Literal;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Scope;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tempo's older search: pairs such as {@code service.name=shop http.status_code=500 name="GET
 * /cart"}, all of which one span must fulfil. The text of a pair does not tell its type, so a
 * number or a truth value also finds attributes stored as such.
 */
final class LogfmtTags {
  private static final Pattern PAIR =
      Pattern.compile("\\s*([^\\s=\"]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s\"]*))(?=\\s|$)");

  private LogfmtTags() {}

  /**
   * The pairs as a condition; true without any.
   *
   * @throws SignalDbException INVALID_ARGUMENT for text that is no list of pairs
   */
  static FieldExpression condition(String tags) {
    List<FieldExpression> conditions = new ArrayList<>();
    Matcher pair = PAIR.matcher(tags);
    String text = tags.stripTrailing();
    int end = 0;
    while (end < text.length()) {
      if (!pair.region(end, tags.length()).lookingAt()) {
        throw invalid(text.substring(end).strip());
      }
      String quoted = pair.group(2);
      String value = quoted == null ? pair.group(3) : quoted.replaceAll("\\\\(.)", "$1");
      conditions.add(condition(pair.group(1), value));
      end = pair.end();
    }
    return switch (conditions.size()) {
      case 0 -> new Literal(Value.Bool.of(true));
      case 1 -> conditions.get(0);
      default -> new Logical(true, conditions);
    };
  }

  private static FieldExpression condition(String key, String value) {
    return switch (key) {
      case "name" -> equal(new IntrinsicField(Intrinsic.NAME), new Value.Text(value));
      case "root.name" -> equal(new IntrinsicField(Intrinsic.ROOT_NAME), new Value.Text(value));
      case "root.service.name" ->
          equal(new IntrinsicField(Intrinsic.ROOT_SERVICE_NAME), new Value.Text(value));
      case "status.code" -> equal(new IntrinsicField(Intrinsic.STATUS), status(value));
      case "error" ->
          value.equals("true")
              ? new Logical(
                  false,
                  List.of(
                      equal(new IntrinsicField(Intrinsic.STATUS), Value.Status.ERROR),
                      attribute(key, value)))
              : attribute(key, value);
      default -> attribute(key, value);
    };
  }

  private static Value.Status status(String value) {
    for (Value.Status status : Value.Status.values()) {
      if (status.literal().equals(value.toLowerCase(Locale.ROOT))) {
        return status;
      }
    }
    throw invalid("status.code=" + value);
  }

  private static FieldExpression attribute(String key, String value) {
    Attribute attribute = new Attribute(Scope.ANY, key);
    List<FieldExpression> alternatives = new ArrayList<>();
    alternatives.add(equal(attribute, new Value.Text(value)));
    if (value.equals("true") || value.equals("false")) {
      alternatives.add(equal(attribute, Value.Bool.of(value.equals("true"))));
    }
    if (value.matches("-?\\d{1,18}")) {
      alternatives.add(equal(attribute, new Value.Int(Long.parseLong(value))));
    }
    if (value.matches("-?\\d+(\\.\\d+)?")) {
      alternatives.add(equal(attribute, new Value.Real(Double.parseDouble(value))));
    }
    return alternatives.size() == 1 ? alternatives.get(0) : new Logical(false, alternatives);
  }

  private static FieldExpression equal(FieldExpression field, Value value) {
    return new Comparison(field, ComparisonOperator.EQUAL, new Literal(value));
  }

  private static SignalDbException invalid(String text) {
    String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
    return new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "Invalid tags at '%s': expected pairs like service.name=shop name=\"GET /\", and for"
                .formatted(shown)
            + " status.code one of unset, ok, error");
  }
}
