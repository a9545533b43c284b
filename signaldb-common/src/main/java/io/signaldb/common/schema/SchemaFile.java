package io.signaldb.common.schema;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.Field.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlInvalidTypeException;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/** Reads the text of {@code schemas.toml}; refuses what it does not know, naming the place. */
final class SchemaFile {
  private static final Set<String> NOT_TABLES = Set.of("groups", "structs", "promoted");

  private static final Set<String> SCALARS =
      Arrays.stream(ColumnType.Scalar.values())
          .map(scalar -> scalar.name().toLowerCase(Locale.ROOT))
          .collect(Collectors.toUnmodifiableSet());

  private final TomlParseResult file;
  private final Deque<String> openStructs = new ArrayDeque<>();

  private SchemaFile(TomlParseResult file) {
    this.file = file;
  }

  static List<TableSchema> parse(String toml) {
    TomlParseResult file = Toml.parse(toml);
    if (file.hasErrors()) {
      throw wrong("line " + file.errors().get(0).position(), file.errors().get(0).toString());
    }
    try {
      return new SchemaFile(file).tables();
    } catch (TomlInvalidTypeException e) {
      throw wrong("a key", e.toString());
    }
  }

  private List<TableSchema> tables() {
    Map<AttributeScope, Map<String, AttributeType>> promoted = promoted();
    List<TableSchema> tables = new ArrayList<>();
    for (String name : file.keySet()) {
      if (!NOT_TABLES.contains(name)) {
        tables.add(table(name, promoted));
      }
    }
    return tables;
  }

  private TableSchema table(String name, Map<AttributeScope, Map<String, AttributeType>> promoted) {
    TomlTable table = table(file, name, "the file");
    Signal signal = Signal.parse(text(table, "signal", name));
    String wire = text(table, "wire", name);
    String storage = text(table, "storage", name);
    Set<String> known = new HashSet<>(Set.of("signal", "wire", "storage"));
    known.addAll(versions(name, table));
    onlyKeys(table, known, name);

    List<TableSchema.StoredField> stored = new ArrayList<>();
    List<Field> wireFields = new ArrayList<>();
    for (TableSchema.StoredField field : resolve(name, table, storage, wire)) {
      stored.add(field);
      if (!(field.field().origin() instanceof Origin.Computed)) {
        wireFields.add(field.field().renamed(field.wireName()));
      }
    }
    String at = name + "." + storage;
    TomlTable version = table(table, storage, name);
    return new TableSchema(
        name,
        signal,
        text(version, "description", at),
        wireFields,
        stored,
        texts(version, "partition_by", at),
        texts(version, "sort_by", at),
        promoted);
  }

  private static Set<String> versions(String name, TomlTable table) {
    Set<String> versions = new HashSet<>();
    for (String key : table.keySet()) {
      if (table.get(key) instanceof TomlTable) {
        if (!key.matches("v[0-9]+")) {
          throw wrong(name + "." + key, "a version is v1, v2, …");
        }
        versions.add(key);
      }
    }
    return versions;
  }

  /** The fields of {@code version}, each with the name it has in version {@code wire}. */
  private List<TableSchema.StoredField> resolve(
      String name, TomlTable table, String version, String wire) {
    String at = name + "." + version;
    TomlTable definition = table(table, version, name);
    onlyKeys(
        definition,
        Set.of(
            "description",
            "inherits",
            "fields",
            "field_renames",
            "field_additions",
            "partition_by",
            "sort_by"),
        at);
    List<TableSchema.StoredField> fields = new ArrayList<>();
    String parent = definition.getString("inherits");
    if (parent != null) {
      if (!table.contains(parent) || parent.compareTo(version) >= 0) {
        throw wrong(at, "inherits '%s': expected an earlier version".formatted(parent));
      }
      fields.addAll(resolve(name, table, parent, wire));
    } else if (!version.equals(wire)) {
      throw wrong(at, "expected to inherit from the wire version " + wire);
    }
    for (TomlTable rename : tableList(definition, "field_renames", at)) {
      onlyKeys(rename, Set.of("from", "to"), at);
      rename(fields, text(rename, "from", at), text(rename, "to", at), at);
    }
    for (String key : List.of("fields", "field_additions")) {
      for (Field field : fields(definition, key, at)) {
        fields.add(new TableSchema.StoredField(field, field.name()));
      }
    }
    return fields;
  }

  private static void rename(
      List<TableSchema.StoredField> fields, String from, String to, String at) {
    for (int i = 0; i < fields.size(); i++) {
      TableSchema.StoredField field = fields.get(i);
      if (field.field().name().equals(from)) {
        fields.set(i, new TableSchema.StoredField(field.field().renamed(to), field.wireName()));
        return;
      }
    }
    throw wrong(at, "renames '%s', which the inherited version does not have".formatted(from));
  }

  private List<Field> fields(TomlTable definition, String key, String at) {
    List<Field> fields = new ArrayList<>();
    for (TomlTable line : tableList(definition, key, at)) {
      String group = line.getString("group");
      if (group != null) {
        onlyKeys(line, Set.of("group"), at);
        String path = "groups." + group;
        fields.addAll(fields(table(file, path, at), "fields", path));
      } else {
        fields.add(field(line, at));
      }
    }
    return fields;
  }

  private Field field(TomlTable line, String at) {
    String name = text(line, "name", at);
    String column = at + "." + name;
    onlyKeys(
        line,
        Set.of(
            "name",
            "type",
            "required",
            "doc",
            "scope",
            "source",
            "codec",
            "derive",
            "computed",
            "from"),
        column);
    return new Field(
        name,
        type(line, column),
        Boolean.TRUE.equals(line.getBoolean("required")),
        origin(line, column),
        text(line, "doc", column));
  }

  private Field.Type type(TomlTable line, String column) {
    String type = text(line, "type", column);
    if (type.equals("attributes")) {
      return new Field.Type.Attributes(
          constant(AttributeScope.class, text(line, "scope", column), column));
    }
    if (type.startsWith("list<") && type.endsWith(">")) {
      String struct = type.substring("list<".length(), type.length() - 1);
      if (SCALARS.contains(struct)) {
        return new Field.Type.Values(constant(ColumnType.Scalar.class, struct, column));
      }
      if (openStructs.contains(struct)) {
        throw wrong(column, "struct '%s' contains itself".formatted(struct));
      }
      openStructs.push(struct);
      String path = "structs." + struct;
      Field.Type structs =
          new Field.Type.Structs(struct, fields(table(file, path, column), "fields", path));
      openStructs.pop();
      return structs;
    }
    return new Field.Type.Plain(constant(ColumnType.Scalar.class, type, column));
  }

  private static Origin origin(TomlTable line, String column) {
    String computed = line.getString("computed");
    if (computed != null) {
      return new Origin.Computed(constant(Computation.class, computed, column), from(line, column));
    }
    List<String> source = Arrays.asList(text(line, "source", column).split("\\."));
    String derive = line.getString("derive");
    if (derive != null) {
      return new Origin.Derived(source, constant(Derivation.class, derive, column));
    }
    String codec = line.getString("codec");
    return new Origin.Source(
        source, codec == null ? Codec.PLAIN : constant(Codec.class, codec, column));
  }

  /** One column by its name, or several in a list. */
  private static List<String> from(TomlTable line, String column) {
    return line.isArray("from") ? texts(line, "from", column) : List.of(text(line, "from", column));
  }

  private Map<AttributeScope, Map<String, AttributeType>> promoted() {
    Map<AttributeScope, Map<String, AttributeType>> promoted = new EnumMap<>(AttributeScope.class);
    TomlTable scopes = file.getTable("promoted");
    if (scopes == null) {
      return promoted;
    }
    for (String scopeName : scopes.keySet()) {
      String at = "promoted." + scopeName;
      TomlTable types = table(scopes, scopeName, "promoted");
      Map<String, AttributeType> keys = new LinkedHashMap<>();
      for (String typeName : types.keySet()) {
        AttributeType type = constant(AttributeType.class, typeName, at);
        for (String key : texts(types, typeName, at)) {
          if (keys.put(key, type) != null) {
            throw wrong(at, "'%s' is listed twice".formatted(key));
          }
        }
      }
      AttributeScope scope = constant(AttributeScope.class, scopeName, at);
      if (scope.isNested()) {
        throw wrong(at, "attributes of a %s have no columns of their own".formatted(scopeName));
      }
      promoted.put(scope, keys);
    }
    return promoted;
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text, String at) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
        return constant;
      }
    }
    String expected =
        Arrays.stream(type.getEnumConstants())
            .map(constant -> constant.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw wrong(at, "'%s': expected one of %s".formatted(text, expected));
  }

  private static TomlTable table(TomlTable parent, String path, String at) {
    TomlTable table = parent.getTable(path);
    if (table == null) {
      throw wrong(at, "no section '%s'".formatted(path));
    }
    return table;
  }

  private static String text(TomlTable table, String key, String at) {
    String text = table.getString(key);
    if (text == null || text.isEmpty()) {
      throw wrong(at, "expected a text '%s'".formatted(key));
    }
    return text;
  }

  private static List<String> texts(TomlTable table, String key, String at) {
    List<String> texts = new ArrayList<>();
    for (Object element : elements(table.getArray(key))) {
      if (!(element instanceof String text)) {
        throw wrong(at, "'%s': expected texts".formatted(key));
      }
      texts.add(text);
    }
    return texts;
  }

  private static List<TomlTable> tableList(TomlTable table, String key, String at) {
    List<TomlTable> tables = new ArrayList<>();
    for (Object element : elements(table.getArray(key))) {
      if (!(element instanceof TomlTable inner)) {
        throw wrong(at, "'%s': expected inline tables".formatted(key));
      }
      tables.add(inner);
    }
    return tables;
  }

  private static List<Object> elements(@Nullable TomlArray array) {
    return array == null ? List.of() : array.toList();
  }

  private static void onlyKeys(TomlTable table, Set<String> known, String at) {
    for (String key : table.keySet()) {
      if (!known.contains(key)) {
        throw wrong(at, "unknown key '%s'".formatted(key));
      }
    }
  }

  static SignalDbException wrong(String at, String what) {
    return new SignalDbException(ErrorCode.INTERNAL, "schemas.toml, %s: %s".formatted(at, what));
  }
}
