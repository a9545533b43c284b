package io.signaldb.router.tempo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.PromotedAttribute;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/**
 * Folds the columns that hold the attributes of one scope (a map by type, and promoted columns)
 * back into the one OTLP attribute list, ordered by key. Reads the vectors it was made for; a new
 * batch needs a new reader.
 */
final class AttributeReader {
  private static final JsonFormat.Parser JSON = JsonFormat.parser();
  private static final Comparator<KeyValue> BY_KEY = Comparator.comparing(KeyValue::getKey);

  private final List<MapColumn> maps = new ArrayList<>();
  private final List<PromotedColumn> promoted = new ArrayList<>();

  private AttributeReader() {}

  /**
   * A reader of stored attributes.
   *
   * @param vectors finds a column, or a child of the struct that holds the attributes, by name
   */
  static AttributeReader stored(
      Function<String, @Nullable FieldVector> vectors,
      AttributeScope scope,
      AttributeColumns columns) {
    var reader = new AttributeReader();
    for (AttributeType type : AttributeType.values()) {
      reader.addMap(vectors.apply(columns.mapColumn(scope, type)), type);
    }
    for (PromotedAttribute attribute : columns.promoted()) {
      if (attribute.scope() == scope) {
        FieldVector vector = vectors.apply(attribute.column());
        if (vector != null) {
          reader.promoted.add(new PromotedColumn(attribute, vector));
        }
      }
    }
    return reader;
  }

  /** A reader of an answer's attributes: five maps, {@code name} and its suffixed siblings. */
  static AttributeReader answered(Function<String, @Nullable FieldVector> vectors, String name) {
    var reader = new AttributeReader();
    for (AttributeType type : AttributeType.values()) {
      reader.addMap(vectors.apply(type.mapColumn(name)), type);
    }
    return reader;
  }

  private void addMap(@Nullable FieldVector vector, AttributeType type) {
    if (vector instanceof MapVector map) {
      maps.add(new MapColumn(map, type));
    }
  }

  /** The attributes of the row, ordered by key. */
  List<KeyValue> read(int row) {
    List<KeyValue> attributes = new ArrayList<>();
    for (PromotedColumn column : promoted) {
      column.read(row, attributes);
    }
    for (MapColumn map : maps) {
      map.read(row, attributes);
    }
    attributes.sort(BY_KEY);
    return attributes;
  }

  private record PromotedColumn(PromotedAttribute attribute, FieldVector vector) {
    void read(int row, List<KeyValue> attributes) {
      if (!vector.isNull(row)) {
        attributes.add(keyValue(attribute.key(), value(vector, row, attribute.type())));
      }
    }
  }

  private static final class MapColumn {
    private final MapVector map;
    private final AttributeType type;
    private final ValueVector keys;
    private final ValueVector values;

    MapColumn(MapVector map, AttributeType type) {
      this.map = map;
      this.type = type;
      StructVector entries = (StructVector) map.getDataVector();
      this.keys = entries.getChildByOrdinal(0);
      this.values = entries.getChildByOrdinal(1);
    }

    void read(int row, List<KeyValue> attributes) {
      if (map.isNull(row)) {
        return;
      }
      for (int i = map.getElementStartIndex(row); i < map.getElementEndIndex(row); i++) {
        AnyValue value = values.isNull(i) ? AnyValue.getDefaultInstance() : value(values, i, type);
        attributes.add(keyValue(Vectors.textOrEmpty(keys, i), value));
      }
    }
  }

  private static KeyValue keyValue(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static AnyValue value(ValueVector vector, int row, AttributeType type) {
    AnyValue.Builder value = AnyValue.newBuilder();
    switch (type) {
      case STRING -> value.setStringValue(Vectors.textOrEmpty(vector, row));
      case INT -> value.setIntValue(Vectors.integer(vector, row));
      case DOUBLE -> value.setDoubleValue(((Float8Vector) vector).get(row));
      case BOOL -> value.setBoolValue(((BitVector) vector).get(row) != 0);
      case JSON -> mergeJson(Vectors.textOrEmpty(vector, row), value);
    }
    return value.build();
  }

  private static void mergeJson(String json, AnyValue.Builder value) {
    try {
      JSON.merge(json, value);
    } catch (InvalidProtocolBufferException e) {
      // Shown as it is stored rather than failing the whole trace.
      value.clear().setStringValue(json);
    }
  }
}
