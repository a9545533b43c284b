package io.signaldb.querier.trace;

import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.AttributeLocation;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.Scope;
import io.signaldb.querier.traceql.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;

/** The attributes a query asks about, where they are stored, and how to read them. Immutable. */
final class AttributeSlots {
  private final Map<Attribute, Integer> indexes = new LinkedHashMap<>();
  private final List<List<AttributeLocation>> locations;

  AttributeSlots(Collection<FieldExpression.Field> fields, AttributeColumns columns) {
    fields.stream()
        .filter(Attribute.class::isInstance)
        .map(Attribute.class::cast)
        .flatMap(AttributeSlots::places)
        .forEach(place -> indexes.putIfAbsent(place, indexes.size()));
    locations =
        indexes.keySet().stream()
            .map(
                place ->
                    columns.locations(
                        SpanConditions.scopes(place.scope()).findFirst().orElseThrow(),
                        place.key()))
            .toList();
  }

  private static Stream<Attribute> places(Attribute attribute) {
    return attribute.scope() == Scope.ANY
        ? Stream.of(
            new Attribute(Scope.SPAN, attribute.key()),
            new Attribute(Scope.RESOURCE, attribute.key()))
        : Stream.of(attribute);
  }

  /** Where {@link #read} puts the attribute; only for those the query names. */
  int index(Scope scope, String key) {
    Integer index = indexes.get(new Attribute(scope, key));
    if (index == null) {
      throw new IllegalArgumentException("The query does not name " + scope.prefix() + key);
    }
    return index;
  }

  /** The storage columns the attributes are in. */
  Set<String> columns() {
    return locations.stream()
        .flatMap(List::stream)
        .map(AttributeLocation::column)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The values of a row, {@link Value#NIL} where it has none. */
  Value[] read(VectorSchemaRoot batch, int row) {
    Value[] values = new Value[locations.size()];
    Arrays.setAll(values, slot -> read(batch, row, locations.get(slot)));
    return values;
  }

  private static Value read(VectorSchemaRoot batch, int row, List<AttributeLocation> places) {
    for (AttributeLocation place : places) {
      FieldVector vector = batch.getVector(place.column());
      if (!vector.isNull(row)) {
        if (place instanceof AttributeLocation.InColumn) {
          return value(vector, row, false);
        }
        AttributeLocation.InMap entry = (AttributeLocation.InMap) place;
        Value value = inMap((MapVector) vector, row, entry.key(), isJson(places, place));
        if (value != Value.NIL) {
          return value;
        }
      }
    }
    return Value.NIL;
  }

  /** Values of no simple type are the last place of a key. */
  private static boolean isJson(List<AttributeLocation> places, AttributeLocation place) {
    return places.indexOf(place) == places.size() - 1;
  }

  private static Value inMap(MapVector map, int row, String key, boolean json) {
    StructVector entries = (StructVector) map.getDataVector();
    VarCharVector keys = (VarCharVector) entries.getChildByOrdinal(0);
    ValueVector values = entries.getChildByOrdinal(1);
    byte[] wanted = key.getBytes(StandardCharsets.UTF_8);
    for (int i = map.getElementStartIndex(row); i < map.getElementEndIndex(row); i++) {
      if (keys.getValueLength(i) == wanted.length
          && !values.isNull(i)
          && Arrays.equals(keys.get(i), wanted)) {
        return value(values, i, json);
      }
    }
    return Value.NIL;
  }

  private static Value value(ValueVector vector, int row, boolean json) {
    if (vector instanceof VarCharVector text) {
      String string = text.getObject(row).toString();
      return json ? new Value.Structured(string) : new Value.Text(string);
    }
    if (vector instanceof BigIntVector integers) {
      return new Value.Int(integers.get(row));
    }
    if (vector instanceof Float8Vector reals) {
      return new Value.Real(reals.get(row));
    }
    if (vector instanceof BitVector bits) {
      return new Value.Bool(bits.get(row) != 0);
    }
    throw new IllegalStateException("Column %s has no attribute type".formatted(vector.getField()));
  }
}
