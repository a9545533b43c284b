package io.signaldb.router.tempo;

import com.google.protobuf.ByteString;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.ValueVector;
import org.jspecify.annotations.Nullable;

/** Single values out of Arrow vectors, whatever their width; an absent column reads as null. */
final class Vectors {
  private static final String HEX = "0123456789abcdef";

  private Vectors() {}

  /** The text at {@code row}, null where the column or the value is absent. */
  static @Nullable String text(@Nullable ValueVector vector, int row) {
    return vector == null || vector.isNull(row) ? null : vector.getObject(row).toString();
  }

  /** The text at {@code row}, empty where the column or the value is absent. */
  static String textOrEmpty(@Nullable ValueVector vector, int row) {
    String text = text(vector, row);
    return text == null ? "" : text;
  }

  /** The integer at {@code row}, 0 where the column or the value is absent. */
  static long integer(@Nullable ValueVector vector, int row) {
    if (vector == null || vector.isNull(row)) {
      return 0;
    }
    if (vector instanceof BaseIntVector integers) {
      return integers.getValueAsLong(row);
    }
    throw new IllegalArgumentException(
        "Column '%s' is %s, expected an integer"
            .formatted(vector.getName(), vector.getField().getType()));
  }

  /** The bytes of the hexadecimal text at {@code row}; empty where there is none. */
  static ByteString hex(@Nullable ValueVector vector, int row) {
    String text = textOrEmpty(vector, row);
    byte[] bytes = new byte[text.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      int high = HEX.indexOf(text.charAt(2 * i));
      int low = HEX.indexOf(text.charAt(2 * i + 1));
      if (high < 0 || low < 0) {
        throw new IllegalArgumentException("Not lower-case hexadecimal: '" + text + "'");
      }
      bytes[i] = (byte) (high << 4 | low);
    }
    return ByteString.copyFrom(bytes);
  }
}
