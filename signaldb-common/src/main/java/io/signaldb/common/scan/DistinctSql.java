package io.signaldb.common.scan;

import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.AttributeLocation;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.PromotedAttribute;
import io.signaldb.common.schema.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes {@link Distinct} as SQL over the storage columns of one table, in the dialect of
 * DataFusion. Each part reads no more than the columns it names. Immutable.
 */
final class DistinctSql {
  private static final Map<AttributeScope, String> LISTS =
      Map.of(AttributeScope.EVENT, "events", AttributeScope.LINK, "links");

  private final TableSchema table;
  private final AttributeColumns attributes;

  DistinctSql(TableSchema table) {
    this.table = table;
    this.attributes = table.attributes();
  }

  /**
   * The whole query.
   *
   * @param from what stands behind FROM, with the WHERE clause
   * @param greatest columns of which a pair's greatest value follows it
   */
  String render(Distinct distinct, String from, List<String> greatest) {
    if (distinct instanceof Distinct.Keys keys) {
      return grouped("scope", "key", keys(keys, from, greatest), greatest, "");
    }
    if (distinct instanceof Distinct.AttributeValues values) {
      return grouped(
          "type", "value", values(values, from, greatest), greatest, " LIMIT " + values.limit());
    }
    Distinct.ColumnValues values = (Distinct.ColumnValues) distinct;
    return grouped(
        "type",
        "value",
        List.of(column(values, from, greatest)),
        greatest,
        " LIMIT " + values.limit());
  }

  /** The storage columns that the query reads. */
  Set<String> columns(Distinct distinct) {
    Set<String> columns = new HashSet<>();
    if (distinct instanceof Distinct.Keys keys) {
      for (AttributeScope scope : keys.scopes()) {
        if (scope.isNested()) {
          columns.add(LISTS.get(scope));
        } else {
          for (AttributeType type : AttributeType.values()) {
            columns.add(attributes.mapColumn(scope, type));
          }
        }
        promoted(scope).forEach(attribute -> columns.add(attribute.column()));
      }
    } else if (distinct instanceof Distinct.AttributeValues values) {
      for (AttributeScope scope : values.scopes()) {
        if (scope.isNested()) {
          columns.add(LISTS.get(scope));
        } else {
          attributes
              .locations(scope, values.key())
              .forEach(location -> columns.add(location.column()));
        }
      }
    } else {
      Distinct.ColumnValues values = (Distinct.ColumnValues) distinct;
      columns.add(values.list() == null ? values.column() : values.list());
    }
    return columns;
  }

  private static String grouped(
      String first, String second, List<String> parts, List<String> greatest, String limit) {
    return "SELECT %1$s, %2$s%3$s FROM (%4$s) WHERE %2$s IS NOT NULL GROUP BY %1$s, %2$s%5$s"
        .formatted(
            SqlRenderer.quoted(first),
            SqlRenderer.quoted(second),
            maximum(greatest),
            String.join(" UNION ALL ", parts),
            limit);
  }

  private List<String> keys(Distinct.Keys keys, String from, List<String> greatest) {
    List<String> parts = new ArrayList<>();
    for (AttributeScope scope : keys.scopes()) {
      // In one pass: a part for each of the maps takes more memory and time to plan.
      String ofMaps =
          Arrays.stream(AttributeType.values())
              .map(type -> element(scope, attributes.mapColumn(scope, type)))
              .map("map_keys(%s)"::formatted)
              .collect(Collectors.joining(", ", "unnest(array_concat(", "))"));
      parts.add(part("scope", scope.name(), "key", ofMaps, rows(scope, from, greatest), greatest));
      List<PromotedAttribute> promoted = promoted(scope);
      if (!promoted.isEmpty()) {
        parts.add(
            part(
                "scope",
                scope.name(),
                "key",
                "unnest(\"keys\")",
                present(promoted, from, greatest),
                greatest));
      }
    }
    return parts;
  }

  /** One row with the list of those promoted attributes that have a value in any row. */
  private static String present(
      List<PromotedAttribute> promoted, String from, List<String> greatest) {
    String list =
        promoted.stream()
            .map(
                attribute ->
                    "CASE WHEN count(%s) > 0 THEN %s END"
                        .formatted(
                            SqlRenderer.quoted(attribute.column()), literal(attribute.key())))
            .collect(Collectors.joining(", "));
    return "(SELECT make_array(%s) AS \"keys\"%s FROM %s)".formatted(list, maximum(greatest), from);
  }

  private List<String> values(Distinct.AttributeValues values, String from, List<String> greatest) {
    List<String> parts = new ArrayList<>();
    for (AttributeScope scope : values.scopes()) {
      for (AttributeType type : AttributeType.values()) {
        AttributeLocation location = attributes.locate(scope, values.key(), type);
        String value =
            scope.isNested()
                ? "%s[%s]".formatted(element(scope, location.column()), literal(values.key()))
                : SqlRenderer.sql(location);
        parts.add(
            value(
                type,
                type == AttributeType.JSON ? arrays(value) : value,
                rows(scope, from, greatest),
                greatest));
      }
    }
    return parts;
  }

  private static String arrays(String json) {
    return "CASE WHEN starts_with(%1$s, '{\"arrayValue\":') THEN %1$s END".formatted(json);
  }

  private String column(Distinct.ColumnValues values, String from, List<String> greatest) {
    String list = values.list();
    if (list == null) {
      SqlRenderer.requireColumn(table, values.column());
      return value(AttributeType.STRING, SqlRenderer.quoted(values.column()), from, greatest);
    }
    SqlRenderer.requireColumn(table, list);
    return value(
        AttributeType.STRING,
        "\"element\"[%s]".formatted(literal(values.column())),
        elements(list, from, greatest),
        greatest);
  }

  private static String value(
      AttributeType type, String value, String from, List<String> greatest) {
    return part(
        "type", type.name(), "value", "CAST(%s AS VARCHAR)".formatted(value), from, greatest);
  }

  private static String part(
      String first,
      String constant,
      String second,
      String expression,
      String from,
      List<String> greatest) {
    return "SELECT %s AS \"%s\", %s AS \"%s\"%s FROM %s"
        .formatted(literal(constant), first, expression, second, listed(greatest), from);
  }

  /** Where a column of attributes is found in {@link #rows}. */
  private static String element(AttributeScope scope, String column) {
    return scope.isNested()
        ? "\"element\"[%s]".formatted(literal(column))
        : SqlRenderer.quoted(column);
  }

  private static String rows(AttributeScope scope, String from, List<String> greatest) {
    String list = LISTS.get(scope);
    return list == null ? from : elements(list, from, greatest);
  }

  /** A row per element of a list. */
  private static String elements(String list, String from, List<String> greatest) {
    return "(SELECT unnest(%s) AS \"element\"%s FROM %s)"
        .formatted(SqlRenderer.quoted(list), listed(greatest), from);
  }

  private List<PromotedAttribute> promoted(AttributeScope scope) {
    return attributes.promoted().stream().filter(found -> found.scope() == scope).toList();
  }

  private static String listed(List<String> columns) {
    return columns.stream()
        .map(column -> ", " + SqlRenderer.quoted(column))
        .collect(Collectors.joining());
  }

  private static String maximum(List<String> columns) {
    return columns.stream()
        .map(SqlRenderer::quoted)
        .map(column -> ", max(%s) AS %s".formatted(column, column))
        .collect(Collectors.joining());
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
