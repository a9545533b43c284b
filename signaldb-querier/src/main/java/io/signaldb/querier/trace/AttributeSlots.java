package io.signaldb.querier.trace;

import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.AttributeLocation;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.querier.read.Texts;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.Scope;
import io.signaldb.querier.traceql.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/** The attributes a query asks about, where they are stored, and how to read them. Immutable. */
final class AttributeSlots {
  private final Map<Attribute, Integer> indexes = new LinkedHashMap<>();
  private final List<Map<AttributeType, AttributeLocation>> locations = new ArrayList<>();

  /**
   * @param attributes of one scope each; what stands twice has one slot
   */
  AttributeSlots(List<Attribute> attributes, AttributeColumns columns) {
    for (Attribute attribute : attributes) {
      if (indexes.putIfAbsent(attribute, indexes.size()) == null) {
        locations.add(places(attribute, columns));
      }
    }
  }

  /** In the order they are looked at. */
  private static Map<AttributeType, AttributeLocation> places(
      Attribute attribute, AttributeColumns columns) {
    AttributeScope scope = SpanConditions.scopes(attribute.scope()).findFirst().orElseThrow();
    Map<AttributeType, AttributeLocation> places = new EnumMap<>(AttributeType.class);
    for (AttributeType type : AttributeType.values()) {
      places.put(type, columns.locate(scope, attribute.key(), type));
    }
    return places;
  }

  /** Where {@link Cells#read} puts the attribute; only for those the query names. */
  int index(Scope scope, String key) {
    Integer index = indexes.get(new Attribute(scope, key));
    if (index == null) {
      throw new IllegalArgumentException("The query does not name " + scope.prefix() + key);
    }
    return index;
  }

  boolean isEmpty() {
    return locations.isEmpty();
  }

  /** The storage columns, or fields of an element, that the attributes are in. */
  Set<String> columns() {
    return locations.stream()
        .flatMap(places -> places.values().stream())
        .map(AttributeLocation::column)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * The attributes in the vectors of a batch.
   *
   * @param vectors by column, null for one that is not there
   */
  Cells in(Function<String, @Nullable ValueVector> vectors, TextCache texts) {
    List<List<Place>> slots = new ArrayList<>();
    for (Map<AttributeType, AttributeLocation> places : locations) {
      List<Place> found = new ArrayList<>();
      places.forEach(
          (type, location) -> {
            ValueVector vector = vectors.apply(location.column());
            if (vector != null) {
              found.add(place(vector, location, type == AttributeType.JSON, texts));
            }
          });
      slots.add(found);
    }
    return new Cells(slots);
  }

  private static Place place(
      ValueVector vector, AttributeLocation location, boolean json, TextCache texts) {
    return location instanceof AttributeLocation.InMap entry
        ? new InMap((MapVector) vector, entry.key().getBytes(StandardCharsets.UTF_8), json, texts)
        : new InColumn(vector, texts);
  }

  /** See {@link #in}. */
  static final class Cells {
    private final List<List<Place>> slots;

    private Cells(List<List<Place>> slots) {
      this.slots = slots;
    }

    /** The values of a row, {@link Value#NIL} where it has none. */
    Value[] read(int row) {
      Value[] values = new Value[slots.size()];
      Arrays.setAll(values, slot -> read(slots.get(slot), row));
      return values;
    }

    private static Value read(List<Place> places, int row) {
      for (Place place : places) {
        Value value = place.read(row);
        if (value != Value.NIL) {
          return value;
        }
      }
      return Value.NIL;
    }
  }

  /** Where values of one type are. */
  private interface Place {
    Value read(int row);
  }

  private record InColumn(ValueVector vector, TextCache texts) implements Place {
    @Override
    public Value read(int row) {
      return vector.isNull(row) ? Value.NIL : value(vector, row, false, texts);
    }
  }

  /**
   * @param json whether the values are the texts of structured ones
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record InMap(MapVector map, byte[] key, boolean json, TextCache texts) implements Place {
    @Override
    public Value read(int row) {
      if (map.isNull(row)) {
        return Value.NIL;
      }
      StructVector entries = (StructVector) map.getDataVector();
      VarCharVector keys = (VarCharVector) entries.getChildByOrdinal(0);
      ValueVector values = entries.getChildByOrdinal(1);
      for (int i = map.getElementStartIndex(row); i < map.getElementEndIndex(row); i++) {
        if (keys.getValueLength(i) == key.length && isKey(keys, i) && !values.isNull(i)) {
          return value(values, i, json, texts);
        }
      }
      return Value.NIL;
    }

    /** From the end, where keys of one namespace differ. */
    private boolean isKey(VarCharVector keys, int i) {
      ArrowBuf bytes = keys.getDataBuffer();
      long start = keys.getStartOffset(i);
      for (int at = key.length - 1; at >= 0; at--) {
        if (bytes.getByte(start + at) != key[at]) {
          return false;
        }
      }
      return true;
    }
  }

  private static Value value(ValueVector vector, int row, boolean json, TextCache texts) {
    if (vector instanceof VarCharVector text) {
      return json ? StructuredValue.of(Texts.at(text, row)) : texts.at(text, row);
    }
    if (vector instanceof BigIntVector integers) {
      return new Value.Int(integers.get(row));
    }
    if (vector instanceof Float8Vector reals) {
      return new Value.Real(reals.get(row));
    }
    if (vector instanceof BitVector bits) {
      return Value.Bool.of(bits.get(row) != 0);
    }
    throw new IllegalStateException("Column %s has no attribute type".formatted(vector.getField()));
  }
}
