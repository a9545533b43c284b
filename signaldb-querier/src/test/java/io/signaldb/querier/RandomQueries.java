package io.signaldb.querier;

import io.signaldb.querier.ReferenceQuery.Aggregate;
import io.signaldb.querier.ReferenceQuery.Expression;
import io.signaldb.querier.ReferenceQuery.Seen;
import io.signaldb.querier.ReferenceQuery.Stage;
import io.signaldb.querier.ReferenceValues.Time;
import io.signaldb.querier.ReferenceValues.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes queries about what {@link RandomTraces} makes. */
final class RandomQueries {
  private static final List<String> EQUALITIES = List.of("=", "!=");
  private static final List<String> ORDERS = List.of("=", "!=", "<", "<=", ">", ">=");
  private static final List<String> RELATIONS = List.of(">", "<", ">>", "<<", "~");
  private static final List<String> REGEXES = List.of("x", "x.*", ".*", "x|y", "[ab].b", "");
  private static final List<String> SCOPES =
      List.of(
          ".",
          "span.",
          "resource.",
          "instrumentation.",
          "event.",
          "link.",
          "parent.",
          "parent.span.",
          "parent.resource.");

  private final Random random;

  RandomQueries(Random random) {
    this.random = random;
  }

  ReferenceQuery next() {
    Part spansets = spansets(2);
    List<String> texts = new ArrayList<>(List.of(spansets.text));
    Stage stage = spansets.stage;
    int stages = Math.max(0, random.nextInt(6) - 2);
    for (int i = 0; i < stages; i++) {
      Part next = stage();
      Stage before = stage;
      texts.add(next.text);
      stage = (trace, groups) -> next.stage.apply(trace, before.apply(trace, groups));
    }
    return new ReferenceQuery(String.join(" | ", texts), stage);
  }

  private record Part(String text, Stage stage) {}

  private Part filter() {
    Expression condition = condition(2);
    return new Part("{ " + condition.text() + " }", ReferenceQuery.filter(condition));
  }

  private Part spansets(int depth) {
    int kind = depth == 0 ? 0 : random.nextInt(9);
    if (kind < 4) {
      return filter();
    }
    Part left = spansets(depth - 1);
    Part right = spansets(depth - 1);
    String l = "(" + left.text + ")";
    String r = "(" + right.text + ")";
    if (kind == 8) {
      Aggregate ofLeft = aggregate();
      Aggregate ofRight = aggregate();
      String operator = pick(ORDERS);
      return new Part(
          "(%s | %s) %s (%s | %s)"
              .formatted(left.text, ofLeft.text(), operator, right.text, ofRight.text()),
          ReferenceQuery.having(left.stage, ofLeft, operator, right.stage, ofRight));
    }
    if (kind < 6) {
      boolean both = random.nextBoolean();
      return new Part(
          l + (both ? " && " : " || ") + r, ReferenceQuery.combined(left.stage, both, right.stage));
    }
    String sign = pick(List.of("", "", "!", "&"));
    String relation = pick(RELATIONS);
    return new Part(
        l + " " + sign + relation + " " + r,
        ReferenceQuery.structural(left.stage, sign, relation, right.stage));
  }

  private Part stage() {
    return switch (random.nextInt(7)) {
      case 0 -> filter();
      case 1 -> spansets(1);
      case 2 -> {
        Expression key = chance(70) ? attribute() : duration();
        yield new Part("by(" + key.text() + ")", ReferenceQuery.grouped(key));
      }
      case 3 -> new Part("coalesce()", ReferenceQuery.coalesced());
      case 4 -> new Part("select(.a, name, span.flag)", (trace, groups) -> groups);
      case 5 -> {
        Aggregate left = aggregate();
        String operator = pick(ORDERS);
        Literal number = number();
        yield new Part(
            left.text() + " " + operator + " " + number.text,
            ReferenceQuery.having(left, operator, number.value));
      }
      default -> {
        Aggregate left = aggregate();
        Aggregate right = aggregate();
        String operator = pick(ORDERS);
        yield new Part(
            "%s %s 2 * %s".formatted(left.text(), operator, right.text()),
            ReferenceQuery.having(left, operator, "2", right));
      }
    };
  }

  private Aggregate aggregate() {
    if (chance(40)) {
      return new Aggregate("count()", "count", null);
    }
    String function = pick(List.of("min", "max", "sum", "avg"));
    Expression of = random.nextBoolean() ? duration() : attribute();
    return new Aggregate(function + "(" + of.text() + ")", function, of);
  }

  private Expression condition(int depth) {
    int kind = depth == 0 ? random.nextInt(7) : random.nextInt(11);
    return switch (kind) {
      case 0, 1 -> attributeComparison();
      case 2, 3 -> intrinsicComparison();
      case 4 -> regex();
      case 5 -> presence();
      case 6 -> calculation();
      case 7 -> {
        Expression operand = condition(depth - 1);
        yield new Expression(
            "!(" + operand.text() + ")",
            seen -> {
              Boolean truth = ReferenceValues.truth(operand.value().apply(seen));
              return truth == null ? null : !truth;
            });
      }
      case 8 -> attribute();
      default -> {
        Expression left = condition(depth - 1);
        Expression right = condition(depth - 1);
        boolean both = random.nextInt(3) > 0;
        yield new Expression(
            "(%s) %s (%s)".formatted(left.text(), both ? "&&" : "||", right.text()),
            seen ->
                both
                    ? isTrue(left, seen) && isTrue(right, seen)
                    : isTrue(left, seen) || isTrue(right, seen));
      }
    };
  }

  private static boolean isTrue(Expression expression, Seen seen) {
    return Boolean.TRUE.equals(ReferenceValues.truth(expression.value().apply(seen)));
  }

  private record Literal(String text, Object value) {}

  private Literal literal() {
    return switch (random.nextInt(5)) {
      case 0 -> new Literal("true", true);
      case 1 -> text();
      default -> number();
    };
  }

  private Literal text() {
    String text = pick(RandomTraces.TEXTS);
    return new Literal("`" + text + "`", text);
  }

  private Literal number() {
    return pick(
        List.of(
            new Literal("-1", -1L),
            new Literal("0", 0L),
            new Literal("1", 1L),
            new Literal("500", 500L),
            new Literal("0.0", 0.0),
            new Literal("1.5", 1.5),
            new Literal("1ns", new Time(1)),
            new Literal("100ms", new Time(100 * RandomTraces.MILLI))));
  }

  private Expression attribute() {
    String scope = pick(SCOPES);
    String key = pick(RandomTraces.KEYS);
    return new Expression(scope + key, seen -> seen.attribute(scope, key));
  }

  private Expression intrinsic(String name) {
    return new Expression(
        name, seen -> seen.trace().intrinsic(name, seen.span(), seen.event(), seen.link()));
  }

  private Expression duration() {
    return intrinsic(pick(List.of("duration", "traceDuration")));
  }

  private Expression attributeComparison() {
    Expression attribute = attribute();
    if (chance(15)) {
      return compared(attribute, pick(ORDERS), attribute(), true);
    }
    Literal literal = literal();
    String operator = literal.value instanceof Boolean ? pick(EQUALITIES) : pick(ORDERS);
    Expression constant = new Expression(literal.text, seen -> literal.value);
    return chance(20)
        ? compared(constant, operator, attribute, true)
        : compared(attribute, operator, constant, true);
  }

  private static Expression compared(
      Expression left, String operator, Expression right, boolean strict) {
    return new Expression(
        "%s %s %s".formatted(left.text(), operator, right.text()),
        seen ->
            ReferenceValues.compare(
                left.value().apply(seen), operator, right.value().apply(seen), strict));
  }

  private Expression intrinsicComparison() {
    return switch (random.nextInt(9)) {
      case 0 -> word("status", pick(List.of("unset", "ok", "error")));
      case 1 -> word("kind", pick(List.of("unspecified", "server", "client", "internal")));
      case 2 -> {
        Literal length = new Literal("100ms", new Time(100 * RandomTraces.MILLI));
        yield constant(pick(List.of("duration", "traceDuration")), pick(ORDERS), length);
      }
      case 3 -> {
        Literal count = pick(List.of(new Literal("0", 0L), new Literal("1", 1L)));
        yield constant("childCount", pick(ORDERS), count);
      }
      case 4 ->
          constant(
              "nestedSetParent",
              pick(ORDERS),
              pick(List.of(new Literal("0", 0L), new Literal("-1", -1L))));
      case 5 -> {
        String name = pick(List.of("rootName", "name"));
        String value = pick(RandomTraces.NAMES);
        yield constant(name, pick(ORDERS), new Literal("`" + value + "`", value));
      }
      case 6 -> {
        String value = pick(RandomTraces.SERVICES);
        yield constant("rootServiceName", pick(EQUALITIES), new Literal("`" + value + "`", value));
      }
      case 7 ->
          constant(
              pick(
                  List.of(
                      "statusMessage",
                      "event:name",
                      "instrumentation:name",
                      "instrumentation:version")),
              pick(ORDERS),
              text());
      default ->
          random.nextBoolean()
              ? constant(
                  "event:timeSinceStart",
                  pick(ORDERS),
                  new Literal("2ms", new Time(2 * RandomTraces.MILLI)))
              : constant(
                  "link:traceID", pick(EQUALITIES), new Literal("`1`", "0".repeat(31) + "1"));
    };
  }

  private Expression word(String name, String word) {
    return constant(name, pick(EQUALITIES), new Literal(word, new Word(word)));
  }

  private Expression constant(String name, String operator, Literal literal) {
    return compared(
        intrinsic(name), operator, new Expression(literal.text, seen -> literal.value), false);
  }

  private Expression regex() {
    boolean negated = random.nextBoolean();
    String regex = pick(REGEXES);
    Expression field =
        chance(70)
            ? attribute()
            : intrinsic(pick(List.of("name", "statusMessage", "event:name", "rootName")));
    return new Expression(
        "%s %s `%s`".formatted(field.text(), negated ? "!~" : "=~", regex),
        seen -> ReferenceValues.matches(field.value().apply(seen), regex, negated));
  }

  private Expression presence() {
    boolean present = random.nextBoolean();
    Expression field = attribute();
    return new Expression(
        field.text() + (present ? " != nil" : " = nil"),
        seen -> (field.value().apply(seen) != null) == present);
  }

  private Expression calculation() {
    Expression left = random.nextBoolean() ? attribute() : duration();
    Expression right = random.nextBoolean() ? attribute() : duration();
    String sign = pick(List.of("+", "-", "*", "/"));
    Literal number = number();
    Expression result =
        new Expression(
            left.text() + " " + sign + " " + right.text(),
            seen ->
                ReferenceValues.calculate(
                    left.value().apply(seen), sign, right.value().apply(seen)));
    return compared(result, pick(ORDERS), new Expression(number.text, seen -> number.value), false);
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
