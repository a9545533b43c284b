package io.signaldb.querier.tag;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Distinct;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.tag.TagTable.Pair;
import io.signaldb.querier.trace.StructuredValue;
import io.signaldb.querier.traceql.Value;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** Lists the values of one attribute or intrinsic. Thread-safe. */
public final class TagValues {
  private static final int DEFAULT_LIMIT = 1000;
  private static final int MAX_LIMIT = 100_000;

  private final TraceTable table;

  public TagValues(TraceTable table) {
    this.table = table;
  }

  /**
   * The values, sorted by type and value, each once; of arrays their elements. Ids and durations
   * have too many to list: none. Of more than the limit it is unsaid which are listed.
   *
   * @throws SignalDbException INVALID_ARGUMENT for a tag that is no TraceQL field, a limit out of
   *     range, a start after the end
   */
  public TagTable list(QueryScope scope, QueryTicket.TagValues ticket) {
    int limit = Objects.requireNonNullElse(ticket.limit(), DEFAULT_LIMIT);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid limit %d: expected 1 to %d".formatted(limit, MAX_LIMIT));
    }
    TagField field = TagField.of(ticket.tag(), limit);
    TimeRange range = TimeRange.ofSeconds(ticket.startSeconds(), ticket.endSeconds());
    Set<Pair> values = new TreeSet<>(Comparator.comparing(Pair::first).thenComparing(Pair::second));
    values.addAll(field.keywords());
    if (field.stored() != null) {
      Condition where = both(field.where(), TagFilter.condition(ticket.q()));
      Dataset dataset = new Dataset(ticket.tenantSlug(), ticket.datasetSlug());
      collect(scope, dataset, field.stored(), where, range, limit, values);
    }
    return new TagTable("type", "value", values.stream().limit(limit).toList());
  }

  private void collect(
      QueryScope scope,
      Dataset dataset,
      Distinct stored,
      @Nullable Condition where,
      TimeRange range,
      int limit,
      Set<Pair> values) {
    Patience patience = new Patience(scope, "values");
    try (TraceTable.View view = table.open(scope, dataset, stored, where, range)) {
      view.fresh((batch, visible) -> add(batch, values));
      view.newestFirst(
          stored,
          where,
          range,
          () -> values.size() < limit && patience.goOn(),
          (batch, visible) -> add(batch, values));
    }
  }

  private static @Nullable Condition both(@Nullable Condition one, @Nullable Condition other) {
    return one == null ? other : other == null ? one : new Condition.And(List.of(one, other));
  }

  /** Rows of type and value. What is in a file already may be there once more. */
  private static void add(VectorSchemaRoot batch, Set<Pair> values) {
    for (int row = 0; row < batch.getRowCount(); row++) {
      String value = batch.getVector("value").getObject(row).toString();
      switch (AttributeType.valueOf(batch.getVector("type").getObject(row).toString())) {
        case STRING -> values.add(new Pair("string", value));
        case INT -> values.add(new Pair("int", value));
        case DOUBLE -> values.add(new Pair("float", value));
        case BOOL -> values.add(new Pair("bool", value));
        case JSON -> addElements(value, values);
      }
    }
  }

  /** Of an array each element is a value: that is what a comparison with the attribute finds. */
  private static void addElements(String json, Set<Pair> values) {
    if (StructuredValue.of(json) instanceof Value.Array array) {
      for (Value element : array.elements()) {
        if (element instanceof Value.Text text) {
          values.add(new Pair("string", text.text()));
        } else if (element instanceof Value.Int integer) {
          values.add(new Pair("int", Long.toString(integer.number())));
        } else if (element instanceof Value.Real real) {
          values.add(new Pair("float", Double.toString(real.number())));
        } else if (element instanceof Value.Bool bool) {
          values.add(new Pair("bool", Boolean.toString(bool.truth())));
        }
      }
    }
  }
}
