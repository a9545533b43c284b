package io.signaldb.common.scan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.AttributeScope;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What to read of rows instead of their columns: a set of pairs of text, in no order. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Distinct.Keys.class, name = "keys"),
  @JsonSubTypes.Type(value = Distinct.AttributeValues.class, name = "attribute_values"),
  @JsonSubTypes.Type(value = Distinct.ColumnValues.class, name = "column_values")
})
public sealed interface Distinct {
  /**
   * The keys of attributes, in the columns "scope" (name of the {@link AttributeScope}) and "key".
   */
  record Keys(List<AttributeScope> scopes) implements Distinct {
    public Keys {
      scopes = List.copyOf(scopes);
      if (scopes.isEmpty()) {
        throw invalid("Keys of no scope: expected at least one scope");
      }
    }
  }

  /**
   * The values of an attribute, in the columns "type" (name of the {@link
   * io.signaldb.common.schema.AttributeType}) and "value". Of structured values only arrays are
   * there, as JSON.
   *
   * @param limit most values
   */
  record AttributeValues(List<AttributeScope> scopes, String key, int limit) implements Distinct {
    public AttributeValues {
      scopes = List.copyOf(scopes);
      Objects.requireNonNull(key, "key");
      requirePositive(limit);
      if (scopes.isEmpty()) {
        throw invalid("Values of '%s' in no scope: expected at least one scope".formatted(key));
      }
    }
  }

  /**
   * The texts of a column, in the columns "type" (always STRING) and "value".
   *
   * @param list the column of lists whose elements have the field {@code column}; null for a column
   *     of the table
   * @param limit most values
   */
  record ColumnValues(@Nullable String list, String column, int limit) implements Distinct {
    public ColumnValues {
      Objects.requireNonNull(column, "column");
      requirePositive(limit);
    }
  }

  private static void requirePositive(int limit) {
    if (limit <= 0) {
      throw invalid("limit %d: expected a positive number".formatted(limit));
    }
  }

  private static SignalDbException invalid(String message) {
    return new SignalDbException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
