package io.signaldb.common.flight;

import java.util.List;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The answer to a {@code query_range} or {@code query_instant} ticket: one row per series, in
 * answer order.
 *
 * <ul>
 *   <li>{@code labels}: the name of the series as a list of {@code (key, string, int, double,
 *       bool)}, in order, of which at most one value is set; without one the label is nil
 *   <li>{@code samples}: a list of {@code (timestamp_ms, value)}, rising in time; intervals without
 *       a value are left out. An instant answer has one sample per series
 *   <li>{@code exemplars}: a list of {@code (timestamp_ms, value, labels)}
 * </ul>
 */
public final class MetricsResult {
  private static final ArrowType LONG = new ArrowType.Int(64, true);
  private static final ArrowType DOUBLE =
      new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);

  /** Columns in order; the schema also of an empty answer. */
  public static final Schema SCHEMA =
      new Schema(
          List.of(
              labels(),
              list("samples", required("timestamp_ms", LONG), required("value", DOUBLE)),
              list(
                  "exemplars",
                  required("timestamp_ms", LONG),
                  required("value", DOUBLE),
                  labels())));

  private MetricsResult() {}

  private static Field labels() {
    return list(
        "labels",
        required("key", new ArrowType.Utf8()),
        optional("string", new ArrowType.Utf8()),
        optional("int", LONG),
        optional("double", DOUBLE),
        optional("bool", new ArrowType.Bool()));
  }

  private static Field list(String name, Field... fields) {
    Field element =
        new Field("element", FieldType.notNullable(new ArrowType.Struct()), List.of(fields));
    return new Field(name, FieldType.notNullable(new ArrowType.List()), List.of(element));
  }

  private static Field required(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), null);
  }

  private static Field optional(String name, ArrowType type) {
    return new Field(name, FieldType.nullable(type), null);
  }
}
