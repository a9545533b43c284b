package io.signaldb.acceptor.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.Text;
import org.jspecify.annotations.Nullable;

/**
 * A batch as another reader sees it: Arrow's own stream reader, dictionaries resolved, columns of
 * {@code resource} and {@code scope} hoisted, nulls left out.
 */
record IpcRows(Schema schema, List<Map<String, Object>> rows) {
  static IpcRows read(ByteBuffer ipc) {
    byte[] bytes = new byte[ipc.remaining()];
    ipc.duplicate().get(bytes);
    try (RootAllocator allocator = new RootAllocator();
        ArrowStreamReader reader =
            new ArrowStreamReader(new ByteArrayInputStream(bytes), allocator)) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      assertThat(reader.loadNextBatch()).isTrue();
      List<Map<String, Object>> rows = new ArrayList<>();
      for (int row = 0; row < root.getRowCount(); row++) {
        rows.add(new TreeMap<>());
      }
      for (FieldVector vector : root.getFieldVectors()) {
        DictionaryEncoding encoding = vector.getField().getDictionary();
        FieldVector values =
            encoding == null
                ? vector
                : reader.getDictionaryVectors().get(encoding.getId()).getVector();
        for (int row = 0; row < root.getRowCount(); row++) {
          if (!vector.isNull(row)) {
            int at = encoding == null ? row : ((Number) vector.getObject(row)).intValue();
            put(rows.get(row), vector.getName(), plain(values, values.getObject(at)));
          }
        }
      }
      Schema schema = root.getSchema();
      assertThat(reader.loadNextBatch()).as("exactly one batch").isFalse();
      return new IpcRows(schema, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How a column is encoded, or null if it is plain. */
  @Nullable DictionaryEncoding dictionary(String column) {
    return schema.findField(column).getDictionary();
  }

  List<String> columns() {
    return schema.getFields().stream().map(Field::getName).toList();
  }

  private static void put(Map<String, Object> row, String column, Object value) {
    if (column.equals("resource") || column.equals("scope")) {
      ((Map<?, ?>) value).forEach((name, child) -> row.put((String) name, child));
    } else {
      row.put(column, value);
    }
  }

  private static Object plain(FieldVector vector, Object value) {
    if (vector instanceof MapVector) {
      return mapOf((List<?>) value);
    }
    return plain(value);
  }

  private static Map<String, Object> mapOf(List<?> entries) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Object entry : entries) {
      Map<?, ?> keyValue = (Map<?, ?>) entry;
      Object before = map.put(keyValue.get("key").toString(), plain(keyValue.get("value")));
      assertThat(before).as("each key once").isNull();
    }
    return map;
  }

  private static Object plain(Object value) {
    if (value instanceof Text text) {
      return text.toString();
    }
    if (value instanceof List<?> list) {
      boolean isMap =
          !list.isEmpty()
              && list.get(0) instanceof Map<?, ?> first
              && first.keySet().equals(java.util.Set.of("key", "value"));
      return isMap ? mapOf(list) : list.stream().map(IpcRows::plain).toList();
    }
    if (value instanceof Map<?, ?> struct) {
      Map<String, Object> map = new TreeMap<>();
      struct.forEach(
          (name, child) -> {
            if (child != null) {
              map.put((String) name, plain(child));
            }
          });
      return map;
    }
    return value;
  }
}
