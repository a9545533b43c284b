package io.signaldb.querier.traceql;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a TraceQL expression evaluates to: a literal of the query or a field of a span. */
public sealed interface Value {
  /** An attribute the span does not have, and the literal {@code nil}. */
  Value NIL = new Nil();

  /** The type, as far as it decides which operators apply. */
  ValueType type();

  /** The value as a query writes it; of what no query can write, its JSON. */
  String literal();

  /** See {@link #NIL}. */
  record Nil() implements Value {
    @Override
    public ValueType type() {
      return ValueType.NIL;
    }

    @Override
    public String literal() {
      return "nil";
    }
  }

  /** A string. */
  record Text(String text) implements Value {
    @Override
    public ValueType type() {
      return ValueType.STRING;
    }

    @Override
    public String literal() {
      return StringLiteral.quote(text);
    }

    /** As a record's, but faster: texts are looked up by the million. */
    @Override
    public boolean equals(Object other) {
      return other instanceof Text that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
      return text.hashCode();
    }
  }

  /** An integer. */
  record Int(long number) implements Value {
    @Override
    public ValueType type() {
      return ValueType.INT;
    }

    @Override
    public String literal() {
      return number == Long.MIN_VALUE ? "minInt" : Long.toString(number);
    }
  }

  /** A floating point number. */
  record Real(double number) implements Value {
    @Override
    public ValueType type() {
      return ValueType.FLOAT;
    }

    @Override
    public String literal() {
      return Double.toString(number);
    }
  }

  /** A length of time. */
  record Nanos(long nanos) implements Value {
    @Override
    public ValueType type() {
      return ValueType.DURATION;
    }

    @Override
    public String literal() {
      return Durations.format(nanos);
    }
  }

  /** A truth value. */
  record Bool(boolean truth) implements Value {
    static final Bool TRUE = new Bool(true);
    static final Bool FALSE = new Bool(false);

    /** The one or the other. */
    public static Bool of(boolean truth) {
      return truth ? TRUE : FALSE;
    }

    @Override
    public ValueType type() {
      return ValueType.BOOLEAN;
    }

    @Override
    public String literal() {
      return Boolean.toString(truth);
    }
  }

  /**
   * An attribute that is an array: a comparison looks at its elements.
   *
   * @param json the value as OTLP/JSON
   */
  record Array(List<Value> elements, String json) implements Value {
    public Array {
      elements = List.copyOf(elements);
    }

    @Override
    public ValueType type() {
      return ValueType.STRUCTURED;
    }

    @Override
    public String literal() {
      return elements.stream().map(Value::literal).collect(Collectors.joining(", ", "[", "]"));
    }
  }

  /**
   * An attribute that is a key-value list or bytes: present, but equal to no literal.
   *
   * @param json the value as OTLP/JSON
   */
  record Structured(String json) implements Value {
    @Override
    public ValueType type() {
      return ValueType.STRUCTURED;
    }

    @Override
    public String literal() {
      return json;
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

    @Override
    public String literal() {
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

    @Override
    public String literal() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
