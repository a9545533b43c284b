package io.signaldb.querier.traceql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes spansets of a spanset: what a query begins with, and every stage behind a {@code |}. */
public sealed interface SpansetExpression {
  /**
   * The spansets that come out, none of them empty; none if the spanset does not match.
   *
   * @param spanset in a whole query all spans of a trace, in any order that results shall have
   */
  <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset);

  /** The fields the result depends on or shows, in the order of the text. */
  Stream<FieldExpression.Field> fields();

  /** Whether the result depends on how spans hang together, apart from {@link #fields}. */
  boolean isStructural();

  /** The expression as a query writes it. */
  String text();

  /** {@code {condition}}; a filter without a condition holds the literal true. */
  record Filter(FieldExpression condition) implements SpansetExpression {
    @Override
    public <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset) {
      List<S> selected = spanset.spans().stream().filter(predicate()).toList();
      return selected.isEmpty() ? List.of() : List.of(spanset.with(selected));
    }

    /**
     * Whether the condition holds for a span. What it says of events holds for one and the same
     * event, and so for links.
     */
    public Predicate<SpanView> predicate() {
      boolean events = condition.fields().anyMatch(FieldExpression.Field::isOfEvent);
      boolean links = condition.fields().anyMatch(FieldExpression.Field::isOfLink);
      return events || links
          ? span -> span.views(events, links).stream().anyMatch(condition::matches)
          : condition::matches;
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return condition.fields();
    }

    @Override
    public boolean isStructural() {
      return false;
    }

    @Override
    public String text() {
      return "{ " + condition.text() + " }";
    }
  }

  /**
   * {@code &&}: both sides select something; {@code ||}: one does. The result is one spanset of
   * what the sides select together.
   *
   * @param both true for {@code &&}
   */
  record Combination(boolean both, SpansetExpression left, SpansetExpression right)
      implements SpansetExpression {
    @Override
    public <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset) {
      List<Spanset<S>> ofLeft = left.evaluate(spanset);
      if (both && ofLeft.isEmpty()) {
        return List.of();
      }
      List<Spanset<S>> ofRight = right.evaluate(spanset);
      if (ofRight.isEmpty() && (both || ofLeft.isEmpty())) {
        return List.of();
      }
      List<S> union =
          Spansets.union(spanset, Stream.concat(ofLeft.stream(), ofRight.stream()).toList());
      return List.of(spanset.with(union));
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return Stream.concat(left.fields(), right.fields());
    }

    @Override
    public boolean isStructural() {
      return left.isStructural() || right.isStructural();
    }

    @Override
    public String text() {
      return operand(left) + (both ? " && " : " || ") + operand(right);
    }
  }

  /**
   * Spans of the right side by what they are to spans of the left side.
   *
   * @param form what is made of those that are related
   */
  record Structural(SpansetExpression left, Relation relation, Form form, SpansetExpression right)
      implements SpansetExpression {
    /** The forms of each structural operator. */
    public enum Form {
      /** {@code >}: the related spans of the right side. */
      RIGHT(""),
      /** {@code &>}: the related spans of both sides. */
      UNION("&"),
      /** {@code !>}: the other spans of the right side; all of them if the left side has none. */
      NEGATED("!");

      private final String sign;

      Form(String sign) {
        this.sign = sign;
      }

      /** What stands before the operator. */
      public String sign() {
        return sign;
      }
    }

    @Override
    public <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset) {
      List<S> lefts = Spansets.union(spanset, left.evaluate(spanset));
      if (lefts.isEmpty() && form != Form.NEGATED) {
        return List.of();
      }
      List<S> rights = Spansets.union(spanset, right.evaluate(spanset));
      Predicate<SpanView> related = relation.to(lefts);
      List<S> selected =
          rights.stream().filter(form == Form.NEGATED ? related.negate() : related).toList();
      if (selected.isEmpty()) {
        return List.of();
      }
      return List.of(spanset.with(form == Form.UNION ? union(spanset, lefts, selected) : selected));
    }

    private <S extends SpanView> List<S> union(Spanset<S> whole, List<S> lefts, List<S> rights) {
      Set<SpanView> selected = Spansets.set(rights);
      lefts.stream().filter(relation.inverse().to(rights)).forEach(selected::add);
      return whole.spans().stream().filter(selected::contains).toList();
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return Stream.concat(left.fields(), right.fields());
    }

    @Override
    public boolean isStructural() {
      return true;
    }

    @Override
    public String text() {
      return "%s %s%s %s".formatted(operand(left), form.sign(), relation.symbol(), operand(right));
    }
  }

  /**
   * Keeps the spanset if a comparison of its aggregates holds, and notes them. Where a side is a
   * number of a pipeline, the result is what the pipelines select together.
   */
  record ScalarFilter(ScalarExpression left, ComparisonOperator operator, ScalarExpression right)
      implements SpansetExpression {
    @Override
    public <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset) {
      boolean holds =
          Comparisons.holds(left.evaluate(spanset), operator, right.evaluate(spanset), false);
      if (!holds) {
        return List.of();
      }
      List<SpansetExpression> pipelines =
          Stream.concat(left.pipelines(), right.pipelines()).toList();
      if (!pipelines.isEmpty()) {
        List<S> selected =
            Spansets.union(
                spanset, pipelines.stream().flatMap(p -> p.evaluate(spanset).stream()).toList());
        return selected.isEmpty() ? List.of() : List.of(spanset.with(selected));
      }
      Map<String, Value> noted = new LinkedHashMap<>();
      Stream.concat(left.aggregates(), right.aggregates())
          .forEach(aggregate -> noted.put(aggregate.text(), aggregate.evaluate(spanset)));
      return List.of(spanset.with(noted));
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return Stream.concat(left.fields(), right.fields());
    }

    @Override
    public boolean isStructural() {
      return Stream.concat(left.pipelines(), right.pipelines())
          .anyMatch(SpansetExpression::isStructural);
    }

    @Override
    public String text() {
      return "%s %s %s".formatted(left.text(), operator.symbol(), right.text());
    }
  }

  /** {@code by(x)}: a spanset for each value, in the order the values are met, and none is one. */
  record GroupBy(FieldExpression key) implements SpansetExpression {
    @Override
    public <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset) {
      Map<Value, List<S>> groups =
          spanset.spans().stream()
              .collect(
                  Collectors.groupingBy(key::evaluate, LinkedHashMap::new, Collectors.toList()));
      return groups.entrySet().stream()
          .map(group -> spanset.with(group.getValue()).with(Map.of(text(), group.getKey())))
          .toList();
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return key.fields();
    }

    @Override
    public boolean isStructural() {
      return false;
    }

    @Override
    public String text() {
      return "by(" + key.text() + ")";
    }
  }

  /** {@code coalesce()}: one spanset of all there are; see {@link Pipeline}. */
  record Coalesce() implements SpansetExpression {
    @Override
    public <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset) {
      return List.of(Spanset.of(spanset.spans()));
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return Stream.empty();
    }

    @Override
    public boolean isStructural() {
      return false;
    }

    @Override
    public String text() {
      return "coalesce()";
    }
  }

  /** {@code select(a, b)}: shows fields without asking anything of them. */
  record Select(List<FieldExpression.Field> selected) implements SpansetExpression {
    public Select {
      selected = List.copyOf(selected);
    }

    @Override
    public <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset) {
      return List.of(spanset);
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return selected.stream();
    }

    @Override
    public boolean isStructural() {
      return false;
    }

    @Override
    public String text() {
      return selected.stream()
          .map(FieldExpression::text)
          .collect(Collectors.joining(", ", "select(", ")"));
    }
  }

  /** Stages one after the other, each applied to every spanset the one before has made. */
  record Pipeline(List<SpansetExpression> stages) implements SpansetExpression {
    public Pipeline {
      stages = List.copyOf(stages);
    }

    @Override
    public <S extends SpanView> List<Spanset<S>> evaluate(Spanset<S> spanset) {
      List<Spanset<S>> spansets = List.of(spanset);
      for (SpansetExpression stage : stages) {
        spansets =
            stage instanceof Coalesce && spansets.size() > 1
                ? List.of(Spanset.of(Spansets.union(spanset, spansets)))
                : spansets.stream().flatMap(each -> stage.evaluate(each).stream()).toList();
      }
      return spansets;
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return stages.stream().flatMap(SpansetExpression::fields);
    }

    @Override
    public boolean isStructural() {
      return stages.stream().anyMatch(SpansetExpression::isStructural);
    }

    @Override
    public String text() {
      return stages.stream()
          .map(stage -> stage instanceof Pipeline ? "(" + stage.text() + ")" : stage.text())
          .collect(Collectors.joining(" | "));
    }
  }

  private static String operand(SpansetExpression expression) {
    return expression instanceof Filter ? expression.text() : "(" + expression.text() + ")";
  }
}
