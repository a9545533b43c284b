package io.signaldb.querier.traceql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How two values compare. */
final class Comparisons {
  private Comparisons() {}

  /**
   * False where a side has no value, or the types differ. An array compares as one of its elements
   * does; it is different from a value if it has elements of that type and none is equal, or if it
   * is empty.
   *
   * @param byStoredType true where an attribute is compared as it is: integers and floats then
   *     never meet
   */
  static boolean holds(Value left, ComparisonOperator operator, Value right, boolean byStoredType) {
    if (left instanceof Value.Array a && right instanceof Value.Array b) {
      return operator.isEquality() && operator.holds(a.elements().equals(b.elements()) ? 0 : 1);
    }
    if (left instanceof Value.Array array) {
      return holdsForArray(array, operator, right, byStoredType);
    }
    if (right instanceof Value.Array array) {
      return holdsForArray(array, operator.mirrored(), left, byStoredType);
    }
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

  /**
   * Whether a value counts as true, as if it was compared with {@code true}; null for a value that
   * is no boolean.
   */
  static @Nullable Boolean truth(Value value) {
    if (value instanceof Value.Bool bool) {
      return bool.truth();
    }
    if (value instanceof Value.Array array && array.elements().contains(Value.Bool.TRUE)) {
      return true;
    }
    boolean no = value instanceof Value.Array array && array.elements().contains(Value.Bool.FALSE);
    return no ? false : null;
  }

  private static boolean holdsForArray(
      Value.Array array, ComparisonOperator operator, Value value, boolean byStoredType) {
    Predicate<Value> holds = element -> holds(element, operator, value, byStoredType);
    if (operator != ComparisonOperator.NOT_EQUAL) {
      return array.elements().stream().anyMatch(holds);
    }
    Predicate<Value> equal =
        element -> holds(element, ComparisonOperator.EQUAL, value, byStoredType);
    boolean comparable = array.elements().isEmpty() || array.elements().stream().anyMatch(holds);
    return value != Value.NIL && comparable && array.elements().stream().noneMatch(equal);
  }

  private static boolean holdsForNumbers(
      Value left, ComparisonOperator operator, Value right, boolean byStoredType) {
    boolean differ = (left instanceof Value.Real) != (right instanceof Value.Real);
    boolean anInteger = left instanceof Value.Int || right instanceof Value.Int;
    if (byStoredType && differ && anInteger) {
      return false;
    }
    if (!Numbers.isNumber(left) || !Numbers.isNumber(right)) {
      return operator == ComparisonOperator.NOT_EQUAL;
    }
    return operator.holds(Numbers.compare(left, right));
  }

  /** By bytes, as the engine orders strings; Java's own order differs beyond the basic plane. */
  private static int compareUtf8(String a, String b) {
    return a.equals(b)
        ? 0
        : Arrays.compareUnsigned(
            a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }
}
