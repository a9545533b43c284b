package io.signaldb.querier.trace;

import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.querier.trace.Pushdown.Implied;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Comparison;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.FieldExpression.Not;
import io.signaldb.querier.traceql.FieldExpression.Presence;
import io.signaldb.querier.traceql.FieldExpression.RegexMatch;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Scope;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Translates expressions of TraceQL into conditions on rows, as far as rows can tell. */
public final class SpanConditions {
  private final Function<FieldExpression.Field, Optional<Column>> columns;

  /**
   * Where the value of a field is.
   *
   * @param nullable whether a row without value stands for the empty string
   */
  record Column(List<Operand> operands, boolean nullable) {
    private static Column of(String name) {
      return new Column(List.of(new Operand.ColumnRef(name)), false);
    }

    private static Column nullable(String name) {
      return new Column(List.of(new Operand.ColumnRef(name)), true);
    }

    /** With more than one place a condition on one of them is not the whole truth. */
    boolean exact() {
      return operands.size() == 1;
    }
  }

  /**
   * @param columns where fields are; empty for those a row does not tell
   */
  SpanConditions(Function<FieldExpression.Field, Optional<Column>> columns) {
    this.columns = columns;
  }

  /** What every span fulfils for which {@code expression} is true; null for nothing. */
  public static @Nullable Condition necessary(FieldExpression expression) {
    return new SpanConditions(SpanConditions::spanColumn).of(expression).where();
  }

  /** The fields of a span's own row. */
  static Optional<Column> spanColumn(FieldExpression.Field field) {
    if (field instanceof Attribute attribute) {
      return Optional.of(
          new Column(
              scopes(attribute.scope())
                  .<Operand>map(scope -> new Operand.AttributeRef(scope, attribute.key()))
                  .toList(),
              false));
    }
    return switch (((IntrinsicField) field).intrinsic()) {
      case NAME -> Optional.of(Column.of("span_name"));
      case DURATION -> Optional.of(Column.of("duration_nanos"));
      case STATUS -> Optional.of(Column.of("status_code_number"));
      case KIND -> Optional.of(Column.of("span_kind_number"));
      case SPAN_ID -> Optional.of(Column.of("span_id"));
      case TRACE_ID -> Optional.of(Column.of("trace_id"));
      case STATUS_MESSAGE -> Optional.of(Column.nullable("status_message"));
      case PARENT_ID -> Optional.of(Column.nullable("parent_span_id"));
      case SCOPE_NAME -> Optional.of(Column.nullable("scope_name"));
      case SCOPE_VERSION -> Optional.of(Column.nullable("scope_version"));
      case TRACE_DURATION, ROOT_NAME, ROOT_SERVICE_NAME -> Optional.empty();
    };
  }

  /** The fields of a trace that its root's row tells. */
  static Optional<Column> rootColumn(FieldExpression.Field field) {
    if (field.equals(new IntrinsicField(Intrinsic.ROOT_NAME))) {
      return Optional.of(Column.of("span_name"));
    }
    if (field.equals(new IntrinsicField(Intrinsic.ROOT_SERVICE_NAME))) {
      return Optional.of(Column.of("service_name"));
    }
    return Optional.empty();
  }

  /** Where an attribute of a query's scope may be, in the order they are looked at. */
  public static Stream<AttributeScope> scopes(Scope scope) {
    return switch (scope) {
      case ANY -> Stream.of(AttributeScope.SPAN, AttributeScope.RESOURCE);
      case SPAN -> Stream.of(AttributeScope.SPAN);
      case RESOURCE -> Stream.of(AttributeScope.RESOURCE);
      case INSTRUMENTATION -> Stream.of(AttributeScope.SCOPE);
    };
  }

  Implied of(FieldExpression expression) {
    if (expression instanceof Logical logical) {
      List<Implied> operands = logical.operands().stream().map(this::of).toList();
      return logical.conjunction() ? all(operands) : any(operands);
    }
    if (expression instanceof Comparison comparison) {
      return comparison(comparison);
    }
    if (expression instanceof RegexMatch match) {
      return regexMatch(match);
    }
    if (expression instanceof Presence presence) {
      return presence(presence);
    }
    if (expression instanceof Not not) {
      return negation(not.operand());
    }
    return expression instanceof Attribute attribute ? isBoolean(attribute, true) : Implied.NOTHING;
  }

  private static Implied all(List<Implied> operands) {
    List<Condition> where = new ArrayList<>();
    boolean exact = true;
    double share = 1;
    for (Implied operand : operands) {
      exact &= operand.exact();
      share *= operand.share();
      if (operand.where() != null) {
        where.add(operand.where());
      }
    }
    return where.isEmpty()
        ? Implied.NOTHING
        : new Implied(where.size() == 1 ? where.get(0) : new Condition.And(where), exact, share);
  }

  private static Implied any(List<Implied> operands) {
    List<Condition> where = new ArrayList<>();
    boolean exact = true;
    double share = 0;
    for (Implied operand : operands) {
      if (operand.where() == null) {
        return Implied.NOTHING;
      }
      exact &= operand.exact();
      share += operand.share();
      where.add(operand.where());
    }
    return new Implied(new Condition.Or(where), exact, Math.min(share, 1));
  }

  private Implied negation(FieldExpression operand) {
    if (operand instanceof Attribute attribute) {
      return isBoolean(attribute, false);
    }
    Implied implied = of(operand);
    return implied.where() == null || !implied.exact()
        ? Implied.NOTHING
        : new Implied(new Condition.Not(implied.where()), true, 1 - implied.share());
  }

  private Implied isBoolean(Attribute attribute, boolean truth) {
    return comparison(attribute, ComparisonOperator.EQUAL, new Value.Bool(truth));
  }

  private Implied comparison(Comparison comparison) {
    if (comparison.left() instanceof FieldExpression.Field field
        && comparison.right() instanceof FieldExpression.Literal literal) {
      return comparison(field, operator(comparison.operator()), literal.value());
    }
    if (comparison.right() instanceof FieldExpression.Field field
        && comparison.left() instanceof FieldExpression.Literal literal) {
      return comparison(field, operator(comparison.operator().mirrored()), literal.value());
    }
    return Implied.NOTHING;
  }

  private Implied comparison(
      FieldExpression.Field field, ComparisonOperator operator, Value value) {
    Column column = columns.apply(field).orElse(null);
    List<Literal> literals = literals(field, value);
    if (column == null || literals.isEmpty()) {
      return Implied.NOTHING;
    }
    List<Condition> where = new ArrayList<>();
    for (Operand operand : column.operands()) {
      for (Literal literal : literals) {
        where.add(new Condition.Compare(operand, operator, literal));
      }
    }
    if (column.nullable() && emptyMatches(operator, value)) {
      where.add(new Condition.Not(new Condition.Present(column.operands().get(0))));
    }
    return new Implied(
        where.size() == 1 ? where.get(0) : new Condition.Or(where),
        column.exact() && literals.size() == 1,
        share(field, operator, value));
  }

  /** The literals a value of the field may equal; none where a row's columns cannot say. */
  private static List<Literal> literals(FieldExpression.Field field, Value value) {
    boolean attribute = field instanceof Attribute;
    if (value instanceof Value.Text text) {
      return List.of(new Literal.Text(text.text()));
    }
    if (value instanceof Value.Bool bool) {
      return List.of(new Literal.Bool(bool.truth()));
    }
    if (value instanceof Value.Int integer) {
      return List.of(new Literal.Int(integer.number()));
    }
    if (value instanceof Value.Real real) {
      return attribute ? List.of(new Literal.Real(real.number())) : List.of();
    }
    if (value instanceof Value.Nanos nanos) {
      return attribute
          ? List.of(new Literal.Int(nanos.nanos()), new Literal.Real(nanos.nanos()))
          : List.of(new Literal.Int(nanos.nanos()));
    }
    if (value instanceof Value.Status status && !attribute) {
      return List.of(new Literal.Int(status.number()));
    }
    if (value instanceof Value.Kind kind && !attribute) {
      return List.of(new Literal.Int(kind.number()));
    }
    return List.of();
  }

  private static boolean emptyMatches(ComparisonOperator operator, Value value) {
    int order = value instanceof Value.Text text && text.text().isEmpty() ? 0 : -1;
    return switch (operator) {
      case EQUAL, GREATER_OR_EQUAL -> order == 0;
      case NOT_EQUAL, LESS -> order != 0;
      case LESS_OR_EQUAL -> true;
      case GREATER -> false;
    };
  }

  private Implied regexMatch(RegexMatch match) {
    Column column =
        match.field() instanceof FieldExpression.Field field
            ? columns.apply(field).orElse(null)
            : null;
    if (column == null || (column.nullable() && match.regex().matches("") != match.negated())) {
      return Implied.NOTHING;
    }
    Optional<String> regex = PortableRegex.of(match.regex().expression());
    List<Condition> where = new ArrayList<>();
    for (Operand operand : column.operands()) {
      where.add(
          regex.isPresent()
              ? new Condition.Matches(operand, regex.get(), match.negated())
              : new Condition.Compare(
                  operand, ComparisonOperator.GREATER_OR_EQUAL, new Literal.Text("")));
    }
    return new Implied(
        where.size() == 1 ? where.get(0) : new Condition.Or(where),
        column.exact() && regex.isPresent(),
        match.negated() ? 0.9 : 0.1);
  }

  private Implied presence(Presence presence) {
    Column column = columns.apply(presence.field()).orElse(null);
    if (column == null) {
      return Implied.NOTHING;
    }
    List<Condition> where = new ArrayList<>();
    column.operands().forEach(operand -> where.add(new Condition.Present(operand)));
    Condition present = new Condition.Or(where);
    return presence.present()
        ? new Implied(present, true, 0.5)
        : new Implied(new Condition.Not(present), true, 0.5);
  }

  private static double share(
      FieldExpression.Field field, ComparisonOperator operator, Value value) {
    boolean id = field instanceof IntrinsicField intrinsic && intrinsic.intrinsic().idDigits() > 0;
    return switch (operator) {
      case EQUAL ->
          id ? 1e-9 : value == Value.Status.ERROR ? 0.05 : value instanceof Value.Text ? 0.01 : 0.2;
      case NOT_EQUAL -> 0.9;
      case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> 0.3;
    };
  }

  private static ComparisonOperator operator(
      io.signaldb.querier.traceql.ComparisonOperator operator) {
    return ComparisonOperator.valueOf(operator.name());
  }
}
