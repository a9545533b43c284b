package io.signaldb.querier.traceql;

import java.util.List;

/** A whole query. */
public sealed interface Query {
  /** What it says about how to answer. */
  Hints hints();

  /** The query as text that is read as this query again. */
  String text();

  /**
   * A query whose answer is traces.
   *
   * @param spansets applied to all spans of a trace; the trace matches if a spanset comes out
   */
  record Search(SpansetExpression spansets, Hints hints) implements Query {
    /** Every field the answer depends on or shows, distinct, in the order of the text. */
    public List<FieldExpression.Field> fields() {
      return spansets.fields().distinct().toList();
    }

    @Override
    public String text() {
      return spansets.text() + hints.text();
    }
  }

  /** A query whose answer is time series. */
  record Metrics(MetricsExpression series, Hints hints) implements Query {
    @Override
    public String text() {
      return series.text() + hints.text();
    }
  }
}
