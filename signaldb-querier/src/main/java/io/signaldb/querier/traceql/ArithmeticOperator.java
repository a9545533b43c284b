package io.signaldb.querier.traceql;

import java.math.BigInteger;

/**
 * The operators that calculate. Integers stay integers, also divided; where a result does not fit
 * into 64 bits, and where a float takes part, it is a float. A duration stays one when it is added
 * to, subtracted from, multiplied with or divided by a number; two durations divided are a float.
 * What is not a number, and what is divided by zero, has no value.
 */
public enum ArithmeticOperator {
  ADD("+"),
  SUBTRACT("-"),
  MULTIPLY("*"),
  DIVIDE("/"),
  MODULO("%"),
  POWER("^");

  private final String symbol;

  ArithmeticOperator(String symbol) {
    this.symbol = symbol;
  }

  /** The text in a query. */
  public String symbol() {
    return symbol;
  }

  /** {@code left operator right}; {@link Value#NIL} if there is no such number. */
  public Value apply(Value left, Value right) {
    if (!left.type().isNumeric() || !right.type().isNumeric()) {
      return Value.NIL;
    }
    boolean exact = !(left instanceof Value.Real) && !(right instanceof Value.Real);
    boolean ratio = this == DIVIDE && right instanceof Value.Nanos;
    Value result =
        exact && !ratio
            ? ofIntegers(Numbers.integer(left), Numbers.integer(right))
            : ofReals(Numbers.real(left), Numbers.real(right));
    return isDuration(left.type(), right.type()) ? asDuration(result) : result;
  }

  /** Static type of the result; of an attribute nothing is known but that it is a number. */
  ValueType type(ValueType left, ValueType right) {
    if (isDuration(left, right)) {
      return ValueType.DURATION;
    }
    return left == ValueType.INT && right == ValueType.INT ? ValueType.INT : ValueType.FLOAT;
  }

  private boolean isDuration(ValueType left, ValueType right) {
    boolean first = left == ValueType.DURATION;
    boolean second = right == ValueType.DURATION;
    return switch (this) {
      case ADD, SUBTRACT, MODULO -> first || second;
      case MULTIPLY -> first != second;
      case DIVIDE -> first && !second;
      case POWER -> false;
    };
  }

  private static Value asDuration(Value result) {
    if (result instanceof Value.Int integer) {
      return new Value.Nanos(integer.number());
    }
    return result instanceof Value.Real real ? new Value.Nanos(Math.round(real.number())) : result;
  }

  private Value ofIntegers(long left, long right) {
    BigInteger a = BigInteger.valueOf(left);
    BigInteger b = BigInteger.valueOf(right);
    return switch (this) {
      case ADD -> fitting(a.add(b));
      case SUBTRACT -> fitting(a.subtract(b));
      case MULTIPLY -> fitting(a.multiply(b));
      case DIVIDE -> right == 0 ? Value.NIL : fitting(a.divide(b));
      case MODULO -> right == 0 ? Value.NIL : fitting(a.remainder(b));
      case POWER -> {
        double power = Math.pow((double) left, (double) right);
        yield right >= 0 && Math.abs(power) < 0x1p62
            ? fitting(integerPower(a, right))
            : number(power);
      }
    };
  }

  /** The result is known to be small; only bases 0, 1 and −1 have exponents beyond 62. */
  private static BigInteger integerPower(BigInteger base, long exponent) {
    return exponent <= 62
        ? base.pow((int) exponent)
        : base.signum() < 0 && exponent % 2 == 0 ? BigInteger.ONE : base;
  }

  private static Value fitting(BigInteger result) {
    return result.bitLength() < Long.SIZE
        ? new Value.Int(result.longValue())
        : new Value.Real(result.doubleValue());
  }

  private Value ofReals(double left, double right) {
    return switch (this) {
      case ADD -> number(left + right);
      case SUBTRACT -> number(left - right);
      case MULTIPLY -> number(left * right);
      case DIVIDE -> right == 0 ? Value.NIL : number(left / right);
      case MODULO -> right == 0 ? Value.NIL : number(left % right);
      case POWER -> number(Math.pow(left, right));
    };
  }

  private static Value number(double result) {
    return Double.isNaN(result) ? Value.NIL : new Value.Real(result);
  }
}
