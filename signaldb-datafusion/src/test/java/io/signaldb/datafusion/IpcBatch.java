package io.signaldb.datafusion;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.impl.UnionMapWriter;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/** Builds Arrow IPC streams with one batch, column by column; the first value decides the type. */
final class IpcBatch {
  private final Map<String, List<?>> plain = new LinkedHashMap<>();
  private final Map<String, List<?>> dictionaries = new LinkedHashMap<>();
  private final Map<String, List<@Nullable Integer>> keys = new LinkedHashMap<>();
  private final Map<String, Map<String, List<?>>> structs = new LinkedHashMap<>();
  private int rows;

  /** A plain column of String, Long, Integer, Double, Boolean or Map of String to String. */
  IpcBatch column(String name, List<? extends @Nullable Object> values) {
    plain.put(name, values);
    rows = values.size();
    return this;
  }

  /** A column {@code Dictionary<Int32, Utf8>}. */
  IpcBatch dictionary(String name, List<String> values, List<@Nullable Integer> itsKeys) {
    dictionaries.put(name, values);
    keys.put(name, itsKeys);
    rows = itsKeys.size();
    return this;
  }

  /** A column {@code Dictionary<Int32, Struct>} with these children. */
  IpcBatch struct(String name, Map<String, List<?>> children, List<@Nullable Integer> itsKeys) {
    structs.put(name, children);
    keys.put(name, itsKeys);
    rows = itsKeys.size();
    return this;
  }

  ByteBuffer build() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<FieldVector> vectors = new ArrayList<>();
    MapDictionaryProvider provider = new MapDictionaryProvider();
    try (BufferAllocator allocator = new RootAllocator()) {
      plain.forEach((name, values) -> vectors.add(vector(allocator, name, values)));
      dictionaries.forEach(
          (name, values) ->
              vectors.add(encoded(allocator, name, vector(allocator, name, values), provider)));
      structs.forEach(
          (name, children) ->
              vectors.add(encoded(allocator, name, structVector(allocator, children), provider)));
      try (VectorSchemaRoot root = new VectorSchemaRoot(vectors);
          ArrowStreamWriter writer =
              new ArrowStreamWriter(root, provider, Channels.newChannel(bytes))) {
        root.setRowCount(rows);
        writer.start();
        writer.writeBatch();
        writer.end();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        provider.close();
      }
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private FieldVector encoded(
      BufferAllocator allocator, String name, FieldVector values, MapDictionaryProvider provider) {
    DictionaryEncoding encoding =
        new DictionaryEncoding(
            provider.getDictionaryIds().size(), false, new ArrowType.Int(32, true));
    provider.put(new Dictionary(values, encoding));
    IntVector vector =
        new IntVector(name, new FieldType(true, encoding.getIndexType(), encoding), allocator);
    fill(vector, keys.getOrDefault(name, List.of()));
    return vector;
  }

  private static StructVector structVector(
      BufferAllocator allocator, Map<String, List<?>> children) {
    StructVector struct = StructVector.empty("struct", allocator);
    int size = 0;
    for (Map.Entry<String, List<?>> child : children.entrySet()) {
      FieldType type = FieldType.nullable(type(child.getValue()));
      FieldVector vector = struct.addOrGet(child.getKey(), type, FieldVector.class);
      fill(vector, child.getValue());
      size = child.getValue().size();
    }
    for (int i = 0; i < size; i++) {
      struct.setIndexDefined(i);
    }
    struct.setValueCount(size);
    return struct;
  }

  private static FieldVector vector(BufferAllocator allocator, String name, List<?> values) {
    FieldVector vector =
        FieldType.nullable(type(values)).createNewSingleVector(name, allocator, null);
    fill(vector, values);
    return vector;
  }

  private static ArrowType type(List<?> values) {
    Object first =
        values.stream().filter(v -> v != null).map(Object.class::cast).findFirst().orElse("");
    if (first instanceof Long) {
      return new ArrowType.Int(64, true);
    } else if (first instanceof Integer) {
      return new ArrowType.Int(32, true);
    } else if (first instanceof Double) {
      return new ArrowType.FloatingPoint(
          org.apache.arrow.vector.types.FloatingPointPrecision.DOUBLE);
    } else if (first instanceof Boolean) {
      return ArrowType.Bool.INSTANCE;
    } else if (first instanceof Map) {
      return new ArrowType.Map(false);
    }
    return ArrowType.Utf8.INSTANCE;
  }

  private static void fill(FieldVector vector, List<?> values) {
    vector.setInitialCapacity(values.size());
    vector.allocateNew();
    UnionMapWriter maps = vector instanceof MapVector map ? map.getWriter() : null;
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      if (value == null) {
        vector.setNull(i);
      } else if (vector instanceof BigIntVector longs) {
        longs.setSafe(i, (Long) value);
      } else if (vector instanceof IntVector ints) {
        ints.setSafe(i, (Integer) value);
      } else if (vector instanceof Float8Vector doubles) {
        doubles.setSafe(i, (Double) value);
      } else if (vector instanceof BitVector bits) {
        bits.setSafe(i, (Boolean) value ? 1 : 0);
      } else if (vector instanceof VarCharVector texts) {
        texts.setSafe(i, ((String) value).getBytes(StandardCharsets.UTF_8));
      } else if (maps != null) {
        maps.setPosition(i);
        maps.startMap();
        ((Map<?, ?>) value)
            .forEach(
                (k, v) -> {
                  maps.startEntry();
                  maps.key().varChar().writeVarChar(k.toString());
                  maps.value().varChar().writeVarChar(v.toString());
                  maps.endEntry();
                });
        maps.endMap();
      }
    }
    vector.setValueCount(values.size());
  }
}
