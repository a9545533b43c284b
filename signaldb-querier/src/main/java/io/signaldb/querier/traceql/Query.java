package io.signaldb.querier.traceql;

import java.util.List;
import java.util.stream.Stream;

/**
 * A whole query: what selects the spans, and the steps their spanset goes through.
 *
 * @param spansets applied to each trace
 * @param stages in the order of the text
 */
public record Query(SpansetExpression spansets, List<Stage> stages) {
  public Query {
    stages = List.copyOf(stages);
  }

  /** Every field the answer depends on or shows, distinct, in the order of the text. */
  public List<FieldExpression.Field> fields() {
    return Stream.concat(spansets.fields(), stages.stream().flatMap(Stage::fields))
        .distinct()
        .toList();
  }

  /** A step of the pipeline. */
  public sealed interface Stage {
    /** The fields the step needs. */
    Stream<FieldExpression.Field> fields();
  }

  /** {@code select(a, b)}: shows fields without asking anything of them. */
  public record Select(List<FieldExpression.Field> selected) implements Stage {
    public Select {
      selected = List.copyOf(selected);
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return selected.stream();
    }
  }
}
