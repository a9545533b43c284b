package io.signaldb.common.scan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.signaldb.common.schema.AttributeType;
import java.util.Objects;

/** A typed value in a condition. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Literal.Text.class, name = "text"),
  @JsonSubTypes.Type(value = Literal.Int.class, name = "int"),
  @JsonSubTypes.Type(value = Literal.Real.class, name = "real"),
  @JsonSubTypes.Type(value = Literal.Bool.class, name = "bool")
})
public sealed interface Literal {
  /** Where attribute values that compare with this literal are stored. */
  AttributeType attributeType();

  /** What is bound to the parameter: String, Long, Double or Boolean. */
  Object parameter();

  record Text(String value) implements Literal {
    public Text {
      Objects.requireNonNull(value, "value");
    }

    @Override
    public AttributeType attributeType() {
      return AttributeType.STRING;
    }

    @Override
    public Object parameter() {
      return value;
    }
  }

  record Int(long value) implements Literal {
    @Override
    public AttributeType attributeType() {
      return AttributeType.INT;
    }

    @Override
    public Object parameter() {
      return value;
    }
  }

  record Real(double value) implements Literal {
    @Override
    public AttributeType attributeType() {
      return AttributeType.DOUBLE;
    }

    @Override
    public Object parameter() {
      return value;
    }
  }

  record Bool(boolean value) implements Literal {
    @Override
    public AttributeType attributeType() {
      return AttributeType.BOOL;
    }

    @Override
    public Object parameter() {
      return value;
    }
  }
}
