package io.signaldb.querier.traceql;

/** What is common to the values that are numbers. */
final class Numbers {
  private Numbers() {}

  /** Of an integer or a duration. */
  static long integer(Value value) {
    return value instanceof Value.Nanos nanos ? nanos.nanos() : ((Value.Int) value).number();
  }

  /** Of any number. */
  static double real(Value value) {
    return value instanceof Value.Real real ? real.number() : (double) integer(value);
  }

  /** A number that is one: not a string, not NaN. */
  static boolean isNumber(Value value) {
    return value.type().isNumeric()
        && !(value instanceof Value.Real real && Double.isNaN(real.number()));
  }

  /** By size; integers and durations exactly. Neither is NaN. */
  static int compare(Value left, Value right) {
    return left instanceof Value.Real || right instanceof Value.Real
        ? compare(real(left), real(right))
        : Long.compare(integer(left), integer(right));
  }

  private static int compare(double left, double right) {
    return left < right ? -1 : left > right ? 1 : 0;
  }
}
