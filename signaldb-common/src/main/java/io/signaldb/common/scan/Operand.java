package io.signaldb.common.scan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.signaldb.common.schema.AttributeScope;
import java.util.Objects;

/** What a condition looks at. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Operand.ColumnRef.class, name = "column"),
  @JsonSubTypes.Type(value = Operand.AttributeRef.class, name = "attribute")
})
public sealed interface Operand {
  /** A column by its storage name. */
  record ColumnRef(String storageColumn) implements Operand {
    public ColumnRef {
      Objects.requireNonNull(storageColumn, "storageColumn");
    }
  }

  /** An attribute, wherever it is stored. */
  record AttributeRef(AttributeScope scope, String key) implements Operand {
    public AttributeRef {
      Objects.requireNonNull(scope, "scope");
      Objects.requireNonNull(key, "key");
    }
  }
}
