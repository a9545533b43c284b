package io.signaldb.router;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;

/** Fills Arrow batches from rows written as maps; a column that a row does not name is null. */
final class Rows {
  private Rows() {}

  static void fill(VectorSchemaRoot batch, List<Map<String, Object>> rows) {
    batch.clear();
    batch.allocateNew();
    for (int row = 0; row < rows.size(); row++) {
      for (Map.Entry<String, Object> column : rows.get(row).entrySet()) {
        FieldVector vector = batch.getVector(column.getKey());
        if (vector == null) {
          throw new IllegalArgumentException("No column '" + column.getKey() + "'");
        }
        set(vector, row, column.getValue());
      }
    }
    batch.setRowCount(rows.size());
  }

  private static void set(FieldVector vector, int row, Object value) {
    if (vector instanceof VarCharVector texts) {
      texts.setSafe(row, ((String) value).getBytes(StandardCharsets.UTF_8));
    } else if (vector instanceof BigIntVector longs) {
      longs.setSafe(row, ((Number) value).longValue());
    } else if (vector instanceof TimeStampMicroVector micros) {
      micros.setSafe(row, ((Number) value).longValue());
    } else if (vector instanceof IntVector integers) {
      integers.setSafe(row, ((Number) value).intValue());
    } else if (vector instanceof DateDayVector days) {
      days.setSafe(row, ((Number) value).intValue());
    } else if (vector instanceof Float8Vector doubles) {
      doubles.setSafe(row, ((Number) value).doubleValue());
    } else if (vector instanceof BitVector bits) {
      bits.setSafe(row, (Boolean) value ? 1 : 0);
    } else if (vector instanceof MapVector map) {
      setMap(map, row, (Map<?, ?>) value);
    } else if (vector instanceof ListVector list) {
      setList(list, row, (List<?>) value);
    } else {
      throw new IllegalArgumentException("No test value for " + vector.getField());
    }
  }

  private static void setMap(MapVector map, int row, Map<?, ?> values) {
    StructVector entries = (StructVector) map.getDataVector();
    int index = map.startNewValue(row);
    for (Map.Entry<?, ?> entry : values.entrySet()) {
      entries.setIndexDefined(index);
      set((FieldVector) entries.getChildByOrdinal(0), index, entry.getKey());
      set((FieldVector) entries.getChildByOrdinal(1), index, entry.getValue());
      index++;
    }
    map.endValue(row, values.size());
  }

  private static void setList(ListVector list, int row, List<?> values) {
    StructVector elements = (StructVector) list.getDataVector();
    int index = list.startNewValue(row);
    for (Object value : values) {
      elements.setIndexDefined(index);
      for (Map.Entry<?, ?> field : ((Map<?, ?>) value).entrySet()) {
        set(elements.getChild((String) field.getKey(), FieldVector.class), index, field.getValue());
      }
      index++;
    }
    list.endValue(row, values.size());
  }
}
