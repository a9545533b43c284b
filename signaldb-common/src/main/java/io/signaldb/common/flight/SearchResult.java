package io.signaldb.common.flight;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The answer to a {@code search_traces} ticket: one row per shown span, rows of a trace together,
 * traces in the order they are found, each once. Per-trace columns repeat on each row; the two
 * service maps are set on a trace's first row only. Attributes are five maps by value type, as in
 * the tables.
 */
public final class SearchResult {
  private static final ArrowType TEXT = new ArrowType.Utf8();
  private static final ArrowType LONG = new ArrowType.Int(64, true);
  private static final ArrowType INT = new ArrowType.Int(32, true);
  private static final ArrowType DOUBLE =
      new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
  private static final ArrowType BOOL = new ArrowType.Bool();

  /** Columns in order; the schema also of an empty answer. */
  public static final Schema SCHEMA = schema();

  private SearchResult() {}

  private static Schema schema() {
    List<Field> fields = new ArrayList<>();
    fields.add(required("trace_id", TEXT));
    fields.add(optional("root_service_name", TEXT));
    fields.add(optional("root_trace_name", TEXT));
    fields.add(required("trace_start_unix_nano", LONG));
    fields.add(required("trace_duration_nanos", LONG));
    fields.add(required("spanset", INT));
    fields.add(required("matched", INT));
    fields.addAll(attributes("spanset_attributes"));
    fields.add(required("span_id", TEXT));
    fields.add(required("span_name", TEXT));
    fields.add(required("start_time_unix_nano", LONG));
    fields.add(required("duration_nanos", LONG));
    fields.addAll(attributes("attributes"));
    fields.add(map("service_span_counts", LONG));
    fields.add(map("service_error_counts", LONG));
    return new Schema(fields);
  }

  private static List<Field> attributes(String name) {
    return List.of(
        map(name, TEXT),
        map(name + "_int", LONG),
        map(name + "_double", DOUBLE),
        map(name + "_bool", BOOL),
        map(name + "_json", TEXT));
  }

  private static Field map(String name, ArrowType value) {
    Field entries =
        new Field(
            MapVector.DATA_VECTOR_NAME,
            FieldType.notNullable(new ArrowType.Struct()),
            List.of(required(MapVector.KEY_NAME, TEXT), optional(MapVector.VALUE_NAME, value)));
    return new Field(name, FieldType.nullable(new ArrowType.Map(false)), List.of(entries));
  }

  private static Field required(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), null);
  }

  private static Field optional(String name, ArrowType type) {
    return new Field(name, FieldType.nullable(type), null);
  }
}
