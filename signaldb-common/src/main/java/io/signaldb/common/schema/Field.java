package io.signaldb.common.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of {@code schemas.toml}: a column, or several where {@link Type.Attributes} stands for a
 * map per value type.
 *
 * @param required no row has null here
 * @param doc one sentence for the reference
 */
public record Field(String name, Type type, boolean required, Origin origin, String doc) {
  /** The type of a field. */
  public sealed interface Type {
    record Plain(ColumnType.Scalar scalar) implements Type {}

    /** Key-value pairs. */
    record Attributes(AttributeScope scope) implements Type {}

    /** A list of values without parts. */
    record Values(ColumnType.Scalar element) implements Type {}

    /** A list of structs; {@code name} is the first step of its fields' sources. */
    record Structs(String name, List<Field> fields) implements Type {
      public Structs {
        fields = List.copyOf(fields);
      }
    }
  }

  /** Where the values come from. */
  public sealed interface Origin {
    /**
     * A field of an OTLP message.
     *
     * @param path names of protobuf fields; the first step names the message
     */
    record Source(List<String> path, Codec codec) implements Origin {
      public Source {
        path = List.copyOf(path);
      }
    }

    /**
     * Computed by the Acceptor from an OTLP message.
     *
     * @param path the message; the first step names the outermost one
     */
    record Derived(List<String> path, Derivation derivation) implements Origin {
      public Derived {
        path = List.copyOf(path);
      }
    }

    /**
     * Computed from another column when rows are stored.
     *
     * @param from wire columns; the first that is not null counts
     */
    record Computed(Computation computation, List<String> from) implements Origin {
      public Computed {
        from = List.copyOf(from);
      }
    }
  }

  Field renamed(String to) {
    return new Field(to, type, required, origin, doc);
  }

  /** The columns this field stands for. */
  List<Column> columns() {
    if (type instanceof Type.Plain plain) {
      return List.of(new Column(name, plain.scalar(), required, doc));
    }
    if (type instanceof Type.Values values) {
      return List.of(new Column(name, new ColumnType.ValuesOf(values.element()), required, doc));
    }
    if (type instanceof Type.Structs structs) {
      List<Column> fields = new ArrayList<>();
      structs.fields().forEach(field -> fields.addAll(field.columns()));
      return List.of(new Column(name, new ColumnType.ListOf(fields), required, doc));
    }
    List<Column> maps = new ArrayList<>();
    for (AttributeType value : AttributeType.values()) {
      maps.add(new Column(value.mapColumn(name), new ColumnType.MapOf(value.scalar()), false, doc));
    }
    return maps;
  }
}
