package io.signaldb.querier.traceql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** How two values compare. */
final class Comparisons {
  private Comparisons() {}

  /**
   * False where a side has no value, or the types differ.
   *
   * @param byStoredType true where an attribute takes part: integers and floats then never meet
   */
  static boolean holds(Value left, ComparisonOperator operator, Value right, boolean byStoredType) {
    if (left instanceof Value.Text a && right instanceof Value.Text b) {
      return operator.holds(compareUtf8(a.text(), b.text()));
    }
    if (left.type().isNumeric() && right.type().isNumeric()) {
      return holdsForNumbers(left, operator, right, byStoredType);
    }
    return left.type() == right.type()
        && left.type() != ValueType.NIL
        && left.type() != ValueType.STRUCTURED
        && operator.holds(left.equals(right) ? 0 : 1);
  }

  private static boolean holdsForNumbers(
      Value left, ComparisonOperator operator, Value right, boolean byStoredType) {
    if (!(left instanceof Value.Real) && !(right instanceof Value.Real)) {
      return operator.holds(Long.compare(integer(left), integer(right)));
    }
    boolean anInteger = left instanceof Value.Int || right instanceof Value.Int;
    if (byStoredType && anInteger) {
      return false;
    }
    double a = real(left);
    double b = real(right);
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return operator == ComparisonOperator.NOT_EQUAL;
    }
    return operator.holds(a < b ? -1 : a > b ? 1 : 0);
  }

  /** By bytes, as the engine orders strings; Java's own order differs beyond the basic plane. */
  private static int compareUtf8(String a, String b) {
    return a.equals(b)
        ? 0
        : Arrays.compareUnsigned(
            a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private static long integer(Value value) {
    return value instanceof Value.Nanos nanos ? nanos.nanos() : ((Value.Int) value).number();
  }

  private static double real(Value value) {
    return value instanceof Value.Real real ? real.number() : integer(value);
  }
}
