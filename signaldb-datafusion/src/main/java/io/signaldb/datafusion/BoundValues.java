package io.signaldb.datafusion;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values of placeholders as bytes: a tag each, then big-endian numbers or length and UTF-8. The
 * reader is {@code params.rs}.
 */
final class BoundValues {
  private BoundValues() {}

  static byte[] encode(List<? extends @Nullable Object> values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (int i = 0; i < values.size(); i++) {
        write(out, i + 1, values.get(i));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, int number, @Nullable Object value)
      throws IOException {
    if (value == null) {
      out.writeByte('n');
    } else if (value instanceof String text) {
      out.writeByte('s');
      writeText(out, text);
    } else if (value instanceof Long || value instanceof Integer) {
      out.writeByte('l');
      out.writeLong(((Number) value).longValue());
    } else if (value instanceof Instant time) {
      out.writeByte('t');
      out.writeLong(ChronoUnit.NANOS.between(Instant.EPOCH, time));
    } else if (value instanceof Double real) {
      out.writeByte('d');
      out.writeDouble(real);
    } else if (value instanceof Boolean bool) {
      out.writeByte('b');
      out.writeBoolean(bool);
    } else if (value instanceof List<?> list) {
      out.writeByte('a');
      out.writeInt(list.size());
      for (Object element : list) {
        if (!(element instanceof String text)) {
          throw unsupported(number, element, "a list of String");
        }
        writeText(out, text);
      }
    } else {
      throw unsupported(
          number, value, "String, Long, Integer, Double, Boolean, Instant, List of String or null");
    }
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private static DataFusionException unsupported(
      int number, @Nullable Object value, String expected) {
    String type = value == null ? "null" : value.getClass().getName();
    return new DataFusionException(
        DataFusionException.Kind.ARGUMENT,
        "value of $" + number + " has type " + type + "; expected " + expected);
  }
}
