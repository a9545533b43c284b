package io.signaldb.router.sql;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FloatingPointVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.util.Text;
import org.jspecify.annotations.Nullable;

/** The values a client binds: one row with a column a placeholder. */
final class Values {
  private Values() {}

  /**
   * Reads the stream to its end.
   *
   * @throws SignalDbException INVALID_ARGUMENT if there is not exactly one row, or a value has a
   *     type that statements do not take
   */
  static List<@Nullable Object> read(FlightStream stream) {
    List<@Nullable Object> values = null;
    long rows = 0;
    while (stream.next()) {
      VectorSchemaRoot root = stream.getRoot();
      rows += root.getRowCount();
      if (rows == 1 && root.getRowCount() == 1) {
        values = row(root);
      }
    }
    if (values == null || rows != 1) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "%d rows of values were bound; expected exactly one".formatted(rows));
    }
    return values;
  }

  private static List<@Nullable Object> row(VectorSchemaRoot root) {
    List<@Nullable Object> values = new ArrayList<>();
    for (FieldVector vector : root.getFieldVectors()) {
      values.add(vector.isNull(0) ? null : value(values.size() + 1, vector));
    }
    return values;
  }

  private static Object value(int number, FieldVector vector) {
    if (vector instanceof BitVector bits) {
      return bits.get(0) != 0;
    } else if (vector instanceof BaseIntVector integers) {
      return integers.getValueAsLong(0);
    } else if (vector instanceof FloatingPointVector reals) {
      return reals.getValueAsDouble(0);
    } else if (vector instanceof DecimalVector decimals) {
      BigDecimal decimal = decimals.getObject(0);
      return decimal.doubleValue();
    } else if (vector instanceof TimeStampVector times) {
      return time(times);
    } else if (vector instanceof DateDayVector days) {
      return LocalDate.ofEpochDay(days.get(0)).toString();
    } else if (vector instanceof DateMilliVector days) {
      return LocalDate.ofEpochDay(Math.floorDiv(days.get(0), 86_400_000L)).toString();
    } else if (vector.getObject(0) instanceof Text text) {
      return text.toString();
    }
    throw new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "The value of $%d has type %s; expected a text, number, boolean, date or timestamp"
            .formatted(number, vector.getField().getType()));
  }

  private static Instant time(TimeStampVector times) {
    TimeUnit unit = ((ArrowType.Timestamp) times.getField().getType()).getUnit();
    ChronoUnit step =
        switch (unit) {
          case SECOND -> ChronoUnit.SECONDS;
          case MILLISECOND -> ChronoUnit.MILLIS;
          case MICROSECOND -> ChronoUnit.MICROS;
          case NANOSECOND -> ChronoUnit.NANOS;
        };
    return Instant.EPOCH.plus(times.get(0), step);
  }
}
