package io.signaldb.acceptor.otlp;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * Columns by name: the rows of a batch, the fields of a struct. Not thread-safe; reused from batch
 * to batch.
 */
final class StructSink {
  /** One of the columns. */
  static final class Child {
    private final String name;
    private final boolean required;
    private final ColumnSink sink;
    private @Nullable Field field;

    Child(String name, boolean required, ColumnSink sink) {
      this.name = name;
      this.required = required;
      this.sink = sink;
    }

    ColumnSink sink() {
      return sink;
    }

    /**
     * The column as a field of the schema message; the same object as long as it does not change.
     */
    Field field() {
      Field known = field;
      if (known == null || !Objects.equals(known.getDictionary(), sink.dictionary())) {
        known = sink.field(name, !required);
        field = known;
      }
      return known;
    }
  }

  private final List<Child> children = new ArrayList<>();

  <S extends ColumnSink> S add(String name, boolean required, S sink) {
    children.add(new Child(name, required, sink));
    return sink;
  }

  List<Child> children() {
    return children;
  }

  /** The columns in which any row has a value. */
  List<Child> childrenWithValues() {
    return children.stream().filter(child -> child.sink().hasValues()).toList();
  }

  /** Values of all columns so far, nulls included. */
  long cells() {
    return children.stream().mapToLong(child -> child.sink().cells()).sum();
  }

  void clear() {
    children.forEach(child -> child.sink().clear());
  }

  static Field field(String name, boolean nullable, List<Child> children) {
    return ColumnSink.field(
        name, nullable, ArrowType.Struct.INSTANCE, children.stream().map(Child::field).toList());
  }

  /** Appends a struct column of {@code rows} rows, none of them null. */
  static void write(BatchBody body, List<Child> children, int rows) {
    body.node(rows, 0, new byte[0]);
    children.forEach(child -> child.sink().write(body, rows));
  }
}
