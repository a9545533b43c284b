package io.signaldb.querier.traceql;

import java.util.Locale;

/** What a TraceQL expression evaluates to: a literal of the query or a field of a span. */
public sealed interface Value {
  /** An attribute the span does not have, and the literal {@code nil}. */
  Value NIL = new Nil();

  /** The type, as far as it decides which operators apply. */
  ValueType type();

  /** See {@link #NIL}. */
  record Nil() implements Value {
    @Override
    public ValueType type() {
      return ValueType.NIL;
    }
  }

  /** A string. */
  record Text(String text) implements Value {
    @Override
    public ValueType type() {
      return ValueType.STRING;
    }
  }

  /** An integer. */
  record Int(long number) implements Value {
    @Override
    public ValueType type() {
      return ValueType.INT;
    }
  }

  /** A floating point number. */
  record Real(double number) implements Value {
    @Override
    public ValueType type() {
      return ValueType.FLOAT;
    }
  }

  /** A length of time. */
  record Nanos(long nanos) implements Value {
    @Override
    public ValueType type() {
      return ValueType.DURATION;
    }
  }

  /** A truth value. */
  record Bool(boolean truth) implements Value {
    static final Bool TRUE = new Bool(true);
    static final Bool FALSE = new Bool(false);

    static Bool of(boolean truth) {
      return truth ? TRUE : FALSE;
    }

    @Override
    public ValueType type() {
      return ValueType.BOOLEAN;
    }
  }

  /**
   * An attribute that is an array, a key-value list or bytes: present, but equal to no literal.
   *
   * @param json the value as OTLP/JSON
   */
  record Structured(String json) implements Value {
    @Override
    public ValueType type() {
      return ValueType.STRUCTURED;
    }
  }

  /** Status of a span. */
  enum Status implements Value {
    UNSET(0),
    OK(1),
    ERROR(2);

    private final int number;

    Status(int number) {
      this.number = number;
    }

    /** OTLP's number. */
    public int number() {
      return number;
    }

    @Override
    public ValueType type() {
      return ValueType.STATUS;
    }

    /** The word in a query. */
    public String keyword() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Kind of a span. */
  enum Kind implements Value {
    UNSPECIFIED(0),
    INTERNAL(1),
    SERVER(2),
    CLIENT(3),
    PRODUCER(4),
    CONSUMER(5);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /** OTLP's number. */
    public int number() {
      return number;
    }

    @Override
    public ValueType type() {
      return ValueType.KIND;
    }

    /** The word in a query. */
    public String keyword() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
