package io.signaldb.common.scan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Objects;

/**
 * A condition on one row, true or false, never unknown: a comparison with a missing value, or with
 * a value of another type than the literal's, is false (also {@link ComparisonOperator#NOT_EQUAL}
 * and a negated {@link Matches}), and {@link Not} of it is true.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Condition.And.class, name = "and"),
  @JsonSubTypes.Type(value = Condition.Or.class, name = "or"),
  @JsonSubTypes.Type(value = Condition.Not.class, name = "not"),
  @JsonSubTypes.Type(value = Condition.Compare.class, name = "compare"),
  @JsonSubTypes.Type(value = Condition.Matches.class, name = "matches"),
  @JsonSubTypes.Type(value = Condition.In.class, name = "in"),
  @JsonSubTypes.Type(value = Condition.Present.class, name = "present"),
  @JsonSubTypes.Type(value = Condition.Structured.class, name = "structured")
})
public sealed interface Condition {
  /** All of them; true when there is none. */
  record And(List<Condition> conditions) implements Condition {
    public And {
      conditions = List.copyOf(conditions);
    }
  }

  /** At least one of them; false when there is none. */
  record Or(List<Condition> conditions) implements Condition {
    public Or {
      conditions = List.copyOf(conditions);
    }
  }

  /** The opposite. */
  record Not(Condition condition) implements Condition {
    public Not {
      Objects.requireNonNull(condition, "condition");
    }
  }

  /** The operand has a value of the literal's type that compares so. */
  record Compare(Operand field, ComparisonOperator operator, Literal value) implements Condition {
    public Compare {
      Objects.requireNonNull(field, "field");
      Objects.requireNonNull(operator, "operator");
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * The operand has a text that the whole regular expression matches or, if {@code negated}, does
   * not match.
   *
   * @param regex in RE2 syntax, matched against the whole text
   */
  record Matches(Operand field, String regex, boolean negated) implements Condition {
    public Matches {
      Objects.requireNonNull(field, "field");
      Objects.requireNonNull(regex, "regex");
    }
  }

  /** The operand has one of these values; false when there is none. */
  record In(Operand field, List<Literal> values) implements Condition {
    public In {
      Objects.requireNonNull(field, "field");
      values = List.copyOf(values);
    }
  }

  /** The operand has a value of any type. */
  record Present(Operand field) implements Condition {
    public Present {
      Objects.requireNonNull(field, "field");
    }
  }

  /** The attribute has a value of no simple type: an array, a key-value list, bytes, null. */
  record Structured(Operand.AttributeRef field) implements Condition {
    public Structured {
      Objects.requireNonNull(field, "field");
    }
  }
}
