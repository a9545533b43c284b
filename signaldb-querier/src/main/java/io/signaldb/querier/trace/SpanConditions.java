package io.signaldb.querier.trace;

import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Arithmetic;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Comparison;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.FieldExpression.Negative;
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
  private static final Condition IS_ROOT =
      new Condition.Compare(
          new Operand.ColumnRef("is_root"), ComparisonOperator.EQUAL, new Literal.Bool(true));
  private static final Operand PARENT = new Operand.ColumnRef(SpanColumns.PARENT_ID);

  /** A server span may be the child of the client span with its own id and name no parent. */
  private static final Condition HAS_PARENT =
      new Condition.Or(
          List.of(
              new Condition.Present(PARENT),
              new Condition.Compare(
                  new Operand.ColumnRef("span_kind_number"),
                  ComparisonOperator.EQUAL,
                  new Literal.Int(Value.Kind.SERVER.number()))));

  private static final Operand DURATION = new Operand.ColumnRef("duration_nanos");

  private final boolean ofRoot;

  private SpanConditions(boolean ofRoot) {
    this.ofRoot = ofRoot;
  }

  /** What an expression says of the row of the span it is about. */
  public static Implied ofSpan(FieldExpression expression) {
    return new SpanConditions(false).of(expression);
  }

  /** What an expression about any span of a trace says of the row of the trace's root. */
  static Implied ofRoot(FieldExpression expression) {
    return new SpanConditions(true).of(expression);
  }

  /** What every span fulfils for which {@code expression} is true; null for nothing. */
  public static @Nullable Condition necessary(FieldExpression expression) {
    return ofSpan(expression).necessary();
  }

  static Condition isRoot() {
    return IS_ROOT;
  }

  /** That the span ends then or later. */
  static Condition lastsUntil(long unixNano) {
    return new Condition.Compare(
        new Operand.ColumnRef("end_time_unix_nano"),
        ComparisonOperator.GREATER_OR_EQUAL,
        new Literal.Int(unixNano));
  }

  /** What every span fulfils whose trace lasts at most so long. */
  static Condition inTraceOfAtMost(long nanos) {
    return new Condition.Compare(
        DURATION, ComparisonOperator.LESS_OR_EQUAL, new Literal.Int(nanos));
  }

  /** Where an attribute of a query's scope may be stored, in the order they are looked at. */
  public static Stream<AttributeScope> scopes(Scope scope) {
    return switch (scope.withinSpan()) {
      case ANY, PARENT -> Stream.of(AttributeScope.SPAN, AttributeScope.RESOURCE);
      case SPAN, PARENT_SPAN -> Stream.of(AttributeScope.SPAN);
      case RESOURCE, PARENT_RESOURCE -> Stream.of(AttributeScope.RESOURCE);
      case INSTRUMENTATION -> Stream.of(AttributeScope.SCOPE);
      case EVENT -> Stream.of(AttributeScope.EVENT);
      case LINK -> Stream.of(AttributeScope.LINK);
    };
  }

  private Implied of(FieldExpression expression) {
    if (expression instanceof Logical logical) {
      List<Implied> operands = logical.operands().stream().map(this::of).toList();
      return logical.conjunction() ? Implied.all(operands) : Implied.any(operands);
    }
    if (expression instanceof Comparison comparison) {
      return comparison(comparison);
    }
    if (expression instanceof RegexMatch match) {
      return match.field() instanceof Field field ? regexMatch(match, field) : Implied.NOTHING;
    }
    if (expression instanceof Presence presence) {
      return presence(presence);
    }
    if (expression instanceof Not not) {
      return negation(not.operand());
    }
    if (expression instanceof FieldExpression.Literal literal) {
      return literal.value().equals(Value.Bool.of(true)) ? Implied.TRUE : Implied.FALSE;
    }
    return expression instanceof Attribute attribute ? isBoolean(attribute, true) : Implied.NOTHING;
  }

  /**
   * What is no boolean is neither true nor false, so that {@code !} does not just turn it round.
   */
  private Implied negation(FieldExpression operand) {
    if (operand instanceof Attribute attribute) {
      return isBoolean(attribute, false);
    }
    return operand instanceof Not not ? of(not.operand()) : of(operand).negated();
  }

  private Implied isBoolean(Attribute attribute, boolean truth) {
    return comparison(
        attribute, io.signaldb.querier.traceql.ComparisonOperator.EQUAL, Value.Bool.of(truth));
  }

  private Implied comparison(Comparison comparison) {
    if (comparison.left() instanceof Field field
        && comparison.right() instanceof FieldExpression.Literal literal) {
      return comparison(field, comparison.operator(), literal.value());
    }
    if (comparison.right() instanceof Field field
        && comparison.left() instanceof FieldExpression.Literal literal) {
      return comparison(field, comparison.operator().mirrored(), literal.value());
    }
    List<Implied> operands =
        Stream.of(comparison.left(), comparison.right())
            .flatMap(SpanConditions::fieldsNeeded)
            .map(this::hasValue)
            .map(Implied::atMost)
            .toList();
    return Implied.all(operands).atMost();
  }

  /** The fields that must have a value for the expression to have one. */
  private static Stream<Field> fieldsNeeded(FieldExpression expression) {
    return expression instanceof Field
            || expression instanceof Arithmetic
            || expression instanceof Negative
        ? expression.fields()
        : Stream.empty();
  }

  private Implied comparison(
      Field field, io.signaldb.querier.traceql.ComparisonOperator operator, Value value) {
    if (!ofRoot && field instanceof IntrinsicField intrinsic) {
      Implied known = ofTrace(intrinsic.intrinsic(), operator, value);
      if (known != null) {
        return known;
      }
    }
    ComparisonOperator sql = ComparisonOperator.valueOf(operator.name());
    return place(field)
        .map(
            place ->
                place.implied(
                    operand -> SimpleComparison.of(field, operand, sql, value),
                    emptyHolds(sql, value),
                    share(field, sql, value)))
        .orElseGet(() -> hasValue(field).atMost());
  }

  /** Of fields whose value no row tells, though it tells something; null for other fields. */
  private static @Nullable Implied ofTrace(
      Intrinsic intrinsic, io.signaldb.querier.traceql.ComparisonOperator operator, Value value) {
    if (intrinsic == Intrinsic.TRACE_DURATION && value instanceof Value.Nanos most) {
      return switch (operator) {
        case EQUAL, LESS, LESS_OR_EQUAL -> new Implied(inTraceOfAtMost(most.nanos()), null, 0.3);
        case NOT_EQUAL, GREATER, GREATER_OR_EQUAL -> Implied.NOTHING;
      };
    }
    if (intrinsic == Intrinsic.NESTED_SET_PARENT && value instanceof Value.Int bound) {
      boolean onlyOfRoots =
          switch (operator) {
            case EQUAL, LESS_OR_EQUAL -> bound.number() < 0;
            case LESS -> bound.number() <= 0;
            case NOT_EQUAL, GREATER, GREATER_OR_EQUAL -> false;
          };
      return onlyOfRoots ? new Implied(IS_ROOT, null, 0.1) : Implied.NOTHING;
    }
    return null;
  }

  private Implied regexMatch(RegexMatch match, Field field) {
    Optional<String> regex = PortableRegex.of(match.regex().expression());
    return place(field)
        .map(
            place ->
                place.implied(
                    operand -> matches(operand, regex, match.negated()),
                    match.regex().matches("") != match.negated(),
                    match.negated() ? 0.9 : 0.1))
        .orElseGet(() -> hasValue(field).atMost());
  }

  private static Implied matches(Operand operand, Optional<String> regex, boolean negated) {
    return regex
        .map(portable -> Implied.exactly(new Condition.Matches(operand, portable, negated), 1))
        .orElseGet(
            () ->
                new Implied(
                    new Condition.Compare(
                        operand, ComparisonOperator.GREATER_OR_EQUAL, new Literal.Text("")),
                    null,
                    1));
  }

  private Implied presence(Presence presence) {
    Implied hasValue = hasValue(presence.field());
    return presence.present() ? hasValue : hasValue.negated();
  }

  /** That the field has a value. */
  private Implied hasValue(Field field) {
    if (ofRoot) {
      return Implied.NOTHING;
    }
    if (field.isOfEvent() || field.isOfLink()) {
      String list = field.isOfEvent() ? SpanColumns.EVENTS : SpanColumns.LINKS;
      return new Implied(new Condition.Present(new Operand.ColumnRef(list)), null, 0.3);
    }
    if (field instanceof Attribute attribute) {
      return attribute.scope().isOfParent()
          ? new Implied(HAS_PARENT, null, 0.9)
          : isPresent(attribute);
    }
    return field.equals(new IntrinsicField(Intrinsic.PARENT))
        ? Implied.exactly(new Condition.Present(PARENT), 0.9)
        : Implied.NOTHING;
  }

  /** A structured value may be an empty one, which is none. */
  private static Implied isPresent(Attribute attribute) {
    List<Condition> necessary = new ArrayList<>();
    List<Condition> sufficient = new ArrayList<>();
    for (Operand.AttributeRef operand : operands(attribute)) {
      Condition present = new Condition.Present(operand);
      necessary.add(present);
      sufficient.add(
          new Condition.And(
              List.of(present, new Condition.Not(new Condition.Structured(operand)))));
    }
    return new Implied(Implied.or(necessary), Implied.or(sufficient), 0.5);
  }

  private static List<Operand.AttributeRef> operands(Attribute attribute) {
    return scopes(attribute.scope())
        .map(scope -> new Operand.AttributeRef(scope, attribute.key()))
        .toList();
  }

  /** Where the value of a field is. */
  private interface Place {
    /**
     * What follows from a comparison with the value.
     *
     * @param simple the comparison with what is stored as such
     * @param emptyHolds whether the comparison holds for the empty string
     */
    Implied implied(Function<Operand, Implied> simple, boolean emptyHolds, double share);
  }

  /** In a column that every row has. */
  private record InColumn(Operand column) implements Place {
    @Override
    public Implied implied(Function<Operand, Implied> simple, boolean emptyHolds, double share) {
      return shared(simple.apply(column), share);
    }
  }

  /** In a column where null stands for the empty string. */
  private record InNullableColumn(Operand column) implements Place {
    @Override
    public Implied implied(Function<Operand, Implied> simple, boolean emptyHolds, double share) {
      Implied isNull = Implied.exactly(new Condition.Not(new Condition.Present(column)), 0);
      Implied compared = simple.apply(column);
      return shared(emptyHolds ? Implied.any(List.of(compared, isNull)) : compared, share);
    }
  }

  /**
   * Where attributes are. Of a structured value only evaluation tells what it is.
   *
   * @param operands the first that has a value counts
   */
  private record InAttributes(List<Operand.AttributeRef> operands) implements Place {
    @Override
    public Implied implied(Function<Operand, Implied> simple, boolean emptyHolds, double share) {
      List<Implied> alternatives = new ArrayList<>();
      List<Condition> absentBefore = new ArrayList<>();
      for (Operand.AttributeRef operand : operands) {
        Implied compared = simple.apply(operand);
        List<Condition> sufficient = new ArrayList<>(absentBefore);
        if (compared.sufficient() != null) {
          sufficient.add(compared.sufficient());
        }
        alternatives.add(
            new Implied(
                compared.necessary(),
                compared.sufficient() == null ? null : Implied.and(sufficient),
                0));
        alternatives.add(new Implied(new Condition.Structured(operand), null, 0));
        absentBefore.add(new Condition.Not(new Condition.Present(operand)));
      }
      return shared(Implied.any(alternatives), share);
    }
  }

  private static Implied shared(Implied implied, double share) {
    return new Implied(implied.necessary(), implied.sufficient(), share);
  }

  /** Empty for what the row does not tell. */
  private Optional<Place> place(Field field) {
    if (ofRoot) {
      return field instanceof IntrinsicField intrinsic
          ? rootPlace(intrinsic.intrinsic())
          : Optional.empty();
    }
    if (field instanceof Attribute attribute) {
      boolean elsewhere =
          attribute.isOfEvent() || attribute.isOfLink() || attribute.scope().isOfParent();
      return elsewhere ? Optional.empty() : Optional.of(new InAttributes(operands(attribute)));
    }
    return spanPlace(((IntrinsicField) field).intrinsic());
  }

  private static Optional<Place> rootPlace(Intrinsic intrinsic) {
    return switch (intrinsic) {
      case ROOT_NAME -> column("span_name");
      case ROOT_SERVICE_NAME -> column("service_name");
      default -> Optional.empty();
    };
  }

  private static Optional<Place> spanPlace(Intrinsic intrinsic) {
    return switch (intrinsic) {
      case NAME -> column("span_name");
      case DURATION -> column("duration_nanos");
      case STATUS -> column("status_code_number");
      case KIND -> column("span_kind_number");
      case SPAN_ID -> column("span_id");
      case TRACE_ID -> column("trace_id");
      case PARENT -> column(SpanColumns.PARENT_ID);
      case STATUS_MESSAGE -> nullableColumn("status_message");
      case PARENT_ID -> nullableColumn(SpanColumns.PARENT_ID);
      case SCOPE_NAME -> nullableColumn("scope_name");
      case SCOPE_VERSION -> nullableColumn("scope_version");
      case TRACE_DURATION,
          ROOT_NAME,
          ROOT_SERVICE_NAME,
          CHILD_COUNT,
          NESTED_SET_LEFT,
          NESTED_SET_RIGHT,
          NESTED_SET_PARENT,
          EVENT_NAME,
          EVENT_TIME_SINCE_START,
          LINK_TRACE_ID,
          LINK_SPAN_ID ->
          Optional.empty();
    };
  }

  private static Optional<Place> column(String name) {
    return Optional.of(new InColumn(new Operand.ColumnRef(name)));
  }

  private static Optional<Place> nullableColumn(String name) {
    return Optional.of(new InNullableColumn(new Operand.ColumnRef(name)));
  }

  private static boolean emptyHolds(ComparisonOperator operator, Value value) {
    int order = value instanceof Value.Text text && text.text().isEmpty() ? 0 : -1;
    return switch (operator) {
      case EQUAL, GREATER_OR_EQUAL -> order == 0;
      case NOT_EQUAL, LESS -> order != 0;
      case LESS_OR_EQUAL -> true;
      case GREATER -> false;
    };
  }

  private static double share(Field field, ComparisonOperator operator, Value value) {
    boolean id = field instanceof IntrinsicField intrinsic && intrinsic.intrinsic().idDigits() > 0;
    return switch (operator) {
      case EQUAL ->
          id ? 1e-9 : value == Value.Status.ERROR ? 0.05 : value instanceof Value.Text ? 0.01 : 0.2;
      case NOT_EQUAL -> 0.9;
      case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> 0.3;
    };
  }
}
