package io.signaldb.querier.trace;

import io.signaldb.querier.trace.Span.Row;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows into traces, as much of each row as a query asks about. Rows equal in trace id, span
 * id and kind are one span. Used by one thread, for one set of rows.
 */
final class SpanReader {
  private static final Value.Kind[] KINDS = Value.Kind.values();
  private static final Value.Status[] STATUSES = Value.Status.values();

  private final AttributeSlots slots;
  private final Map<String, List<Span>> byTrace = new HashMap<>();
  private final Set<SpanKey> seen = new HashSet<>();

  SpanReader(AttributeSlots slots) {
    this.slots = slots;
  }

  private record SpanKey(String traceId, String spanId, int kind) {}

  /** The storage columns to read for a query's fields. */
  static List<String> columns(Collection<FieldExpression.Field> fields, AttributeSlots slots) {
    Set<String> columns =
        new LinkedHashSet<>(
            List.of(
                "trace_id",
                "span_id",
                "span_name",
                "service_name",
                "start_time_unix_nano",
                "duration_nanos",
                "span_kind_number",
                "status_code_number",
                "is_root"));
    for (FieldExpression.Field field : fields) {
      if (field instanceof IntrinsicField intrinsic) {
        String column = optionalColumn(intrinsic.intrinsic());
        if (column != null) {
          columns.add(column);
        }
      }
    }
    columns.addAll(slots.columns());
    return List.copyOf(columns);
  }

  private static @Nullable String optionalColumn(Intrinsic intrinsic) {
    return switch (intrinsic) {
      case PARENT_ID -> "parent_span_id";
      case STATUS_MESSAGE -> "status_message";
      case SCOPE_NAME -> "scope_name";
      case SCOPE_VERSION -> "scope_version";
      default -> null;
    };
  }

  /** Takes the visible rows of a batch. */
  void add(VectorSchemaRoot batch, IntPredicate visible) {
    VarCharVector traceIds = text(batch, "trace_id");
    VarCharVector spanIds = text(batch, "span_id");
    VarCharVector names = text(batch, "span_name");
    VarCharVector services = text(batch, "service_name");
    BigIntVector starts = (BigIntVector) batch.getVector("start_time_unix_nano");
    BigIntVector durations = (BigIntVector) batch.getVector("duration_nanos");
    IntVector kinds = (IntVector) batch.getVector("span_kind_number");
    IntVector statuses = (IntVector) batch.getVector("status_code_number");
    BitVector roots = (BitVector) batch.getVector("is_root");
    VarCharVector parents = optional(batch, "parent_span_id");
    VarCharVector messages = optional(batch, "status_message");
    VarCharVector scopeNames = optional(batch, "scope_name");
    VarCharVector scopeVersions = optional(batch, "scope_version");
    for (int row = 0; row < batch.getRowCount(); row++) {
      String traceId = traceIds.getObject(row).toString();
      String spanId = spanIds.getObject(row).toString();
      if (visible.test(row) && seen.add(new SpanKey(traceId, spanId, kinds.get(row)))) {
        Row values =
            new Row(
                traceId,
                spanId,
                textOrEmpty(parents, row),
                names.getObject(row).toString(),
                services.getObject(row).toString(),
                enumerated(KINDS, kinds.get(row)),
                enumerated(STATUSES, statuses.get(row)),
                textOrEmpty(messages, row),
                textOrEmpty(scopeNames, row),
                textOrEmpty(scopeVersions, row),
                roots.get(row) != 0,
                starts.get(row),
                durations.get(row));
        byTrace
            .computeIfAbsent(traceId, id -> new ArrayList<>())
            .add(new Span(values, slots, slots.read(batch, row)));
      }
    }
  }

  /** The trace with that id, null if no row of it was read. */
  @Nullable Trace trace(String id) {
    List<Span> spans = byTrace.get(id);
    return spans == null ? null : new Trace(id, spans);
  }

  /** A number OTLP does not define yet counts as the first constant: unset, unspecified. */
  private static <E> E enumerated(E[] constants, int number) {
    return constants[number >= 0 && number < constants.length ? number : 0];
  }

  private static VarCharVector text(VectorSchemaRoot batch, String column) {
    return (VarCharVector) batch.getVector(column);
  }

  private static @Nullable VarCharVector optional(VectorSchemaRoot batch, String column) {
    return (VarCharVector) batch.getVector(column);
  }

  private static String textOrEmpty(@Nullable VarCharVector vector, int row) {
    return vector == null || vector.isNull(row) ? "" : vector.getObject(row).toString();
  }
}
