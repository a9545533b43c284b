package io.signaldb.querier.traceql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads TraceQL. */
public final class TraceQl {
  /** Longest query accepted, in UTF-16 units. */
  public static final int MAX_LENGTH = 128 * 1024;

  private TraceQl() {}

  /**
   * Parses and type-checks a query.
   *
   * @throws TraceQlException if the text is not TraceQL
   */
  public static Query parse(String query) {
    if (query.length() > MAX_LENGTH) {
      throw TraceQlException.parseError(
          new TraceQlException.Position(1, 1),
          "the query has %d characters, expected at most %d".formatted(query.length(), MAX_LENGTH));
    }
    return new Parser(query).query();
  }

  /**
   * Parses a query for traces.
   *
   * @throws TraceQlException if the text is not TraceQL, or is a query for time series
   */
  public static Query.Search parseSearch(String query) {
    if (parse(query) instanceof Query.Search search) {
      return search;
    }
    throw TraceQlException.of(
        "not a search query: expected no metrics function such as rate(), whose answer is time"
            + " series and not traces");
  }

  /**
   * Parses a query for time series.
   *
   * @throws TraceQlException if the text is not TraceQL, or is a query for traces
   */
  public static Query.Metrics parseMetrics(String query) {
    if (parse(query) instanceof Query.Metrics metrics) {
      return metrics;
    }
    throw TraceQlException.of(
        "not a metrics query: expected a metrics function at the end, such as | rate()");
  }

  /**
   * Parses the name of a tag: {@code .a}, {@code span.a}, {@code resource.a}, or an intrinsic.
   *
   * @throws TraceQlException if the text is no field of TraceQL
   */
  public static FieldExpression.Field parseField(String field) {
    return new Parser(field).field();
  }

  /**
   * What can be understood of a query somebody is still typing: the condition of its one spanset
   * filter, without the operands of {@code &&} that are not complete. Empty if nothing can.
   */
  public static Optional<FieldExpression> parseWhatIsComplete(String query) {
    Optional<FieldExpression> whole = condition(query);
    if (whole.isPresent() || query.length() > MAX_LENGTH) {
      return whole;
    }
    List<FieldExpression> complete = new ArrayList<>();
    for (String operand : operands(query)) {
      condition("{" + operand + "}").ifPresent(complete::add);
    }
    return switch (complete.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(complete.get(0));
      default -> Optional.of(new FieldExpression.Logical(true, complete));
    };
  }

  private static Optional<FieldExpression> condition(String query) {
    try {
      return parse(query) instanceof Query.Search search
              && search.spansets() instanceof SpansetExpression.Filter filter
          ? Optional.of(filter.condition())
          : Optional.empty();
    } catch (TraceQlException e) {
      return Optional.empty(); // the caller takes what is complete instead
    }
  }

  /**
   * The texts that {@code &&} divides the filter into; none if it has {@code ||} or parentheses.
   */
  private static List<String> operands(String query) {
    List<Token> tokens;
    try {
      tokens = new Lexer(query).tokens();
    } catch (TraceQlException e) {
      return List.of(); // an unclosed string or a character TraceQL does not have: nothing is safe
    }
    if (!tokens.get(0).is("{") || tokens.stream().anyMatch(t -> t.is("||") || t.is("("))) {
      return List.of();
    }
    List<String> operands = new ArrayList<>();
    int start = 1 + tokens.get(0).start();
    for (Token token : tokens) {
      if (token.is("&&") || token.is("}") || token.type() == Token.Type.END) {
        operands.add(query.substring(start, token.start()));
        start = token.start() + token.text().length();
      }
      if (token.is("}")) {
        boolean last = tokens.get(tokens.indexOf(token) + 1).type() == Token.Type.END;
        return last ? operands : List.of();
      }
    }
    return operands;
  }
}
