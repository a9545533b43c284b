package io.signaldb.common.scan;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.scan.Condition.And;
import io.signaldb.common.scan.Condition.Compare;
import io.signaldb.common.scan.Condition.In;
import io.signaldb.common.scan.Condition.Matches;
import io.signaldb.common.scan.Condition.Not;
import io.signaldb.common.scan.Condition.Or;
import io.signaldb.common.scan.Condition.Present;
import io.signaldb.common.scan.Condition.Structured;
import io.signaldb.common.scan.Operand.AttributeRef;
import io.signaldb.common.scan.Operand.ColumnRef;
import io.signaldb.common.schema.AttributeLocation;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.Column;
import io.signaldb.common.schema.ColumnType;
import io.signaldb.common.schema.ColumnType.Scalar;
import io.signaldb.common.schema.TableSchema;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Writes conditions as SQL over the storage columns of one table, in the dialect of DataFusion.
 * Values are bound, never part of the text; names are quoted, and so are keys of attribute maps,
 * which DataFusion takes as literals only. Immutable.
 *
 * <p>The expression is true exactly where the condition is; elsewhere it is false or null.
 */
public final class SqlRenderer {
  private final TableSchema table;

  public SqlRenderer(TableSchema table) {
    this.table = table;
  }

  /**
   * The condition as a boolean SQL expression.
   *
   * @throws SignalDbException INVALID_ARGUMENT for a column the table does not have, for a literal
   *     that does not fit its type, for a regular expression that is none
   */
  public Sql render(Condition condition) {
    List<Object> params = new ArrayList<>();
    return new Sql(render(condition, params), params);
  }

  /** Appends the values to {@code params}, whose size is the number of the last parameter. */
  String render(Condition condition, List<Object> params) {
    if (condition instanceof And and) {
      return joined(and.conditions(), " AND ", "TRUE", params);
    }
    if (condition instanceof Or or) {
      return joined(or.conditions(), " OR ", "FALSE", params);
    }
    if (condition instanceof Not not) {
      return "(" + render(not.condition(), params) + " IS NOT TRUE)";
    }
    if (condition instanceof Compare compare) {
      String value = operand(compare.field(), compare.value());
      return "(%s %s %s)"
          .formatted(value, compare.operator().sql(), bind(compare.value().parameter(), params));
    }
    if (condition instanceof Matches matches) {
      return matches(matches, params);
    }
    if (condition instanceof In in) {
      return in(in, params);
    }
    if (condition instanceof Present present) {
      return present(present.field());
    }
    return structured(((Structured) condition).field());
  }

  private String joined(
      List<Condition> conditions, String operator, String none, List<Object> params) {
    if (conditions.isEmpty()) {
      return none;
    }
    return conditions.stream()
        .map(condition -> render(condition, params))
        .collect(Collectors.joining(operator, "(", ")"));
  }

  private String matches(Matches matches, List<Object> params) {
    try {
      // An unbalanced parenthesis would end the group that anchors the expression.
      Pattern.compile(matches.regex().replace("(?P<", "(?<"));
    } catch (PatternSyntaxException e) {
      throw invalid(
          "Invalid regular expression '%s': %s"
              .formatted(shortened(matches.regex()), e.getDescription()));
    }
    String text = operand(matches.field(), new Literal.Text(matches.regex()));
    Optional<List<TextPattern>> patterns = TextPattern.alternatives(matches.regex());
    if (patterns.isPresent()) {
      return patterns.get().stream()
          .map(pattern -> pattern.sql(text, bind(pattern.literal(), params)))
          .collect(Collectors.joining(" OR ", matches.negated() ? "(NOT (" : "((", "))"));
    }
    String anchored = bind("^(?:" + matches.regex() + ")$", params);
    return "(%s %s %s)".formatted(text, matches.negated() ? "!~" : "~", anchored);
  }

  private String in(In in, List<Object> params) {
    List<String> alternatives = new ArrayList<>();
    for (AttributeType type : AttributeType.values()) {
      List<Literal> values =
          in.values().stream().filter(value -> value.attributeType() == type).toList();
      if (!values.isEmpty()) {
        String list =
            values.stream()
                .map(value -> bind(value.parameter(), params))
                .collect(Collectors.joining(", "));
        alternatives.add("%s IN (%s)".formatted(operand(in.field(), values.get(0)), list));
      }
    }
    return alternatives.isEmpty() ? "FALSE" : "(" + String.join(" OR ", alternatives) + ")";
  }

  private String present(Operand field) {
    if (field instanceof ColumnRef ref) {
      return "(" + quoted(column(ref).name()) + " IS NOT NULL)";
    }
    AttributeRef attribute = (AttributeRef) field;
    requireRowScope(attribute);
    return table.attributes().locations(attribute.scope(), attribute.key()).stream()
        .map(location -> sql(location) + " IS NOT NULL")
        .collect(Collectors.joining(" OR ", "(", ")"));
  }

  /**
   * What is cheap to know comes first: the engine looks into maps only where the rest leaves rows.
   * A value of another type under the same key rules a structured one out.
   */
  private String structured(AttributeRef attribute) {
    requireRowScope(attribute);
    List<String> conditions = new ArrayList<>();
    for (AttributeLocation location :
        table.attributes().locations(attribute.scope(), attribute.key())) {
      if (location instanceof AttributeLocation.InColumn column) {
        conditions.add(quoted(column.column()) + " IS NULL");
      }
    }
    AttributeLocation json =
        table.attributes().locate(attribute.scope(), attribute.key(), AttributeType.JSON);
    conditions.add(quoted(json.column()) + " IS NOT NULL");
    conditions.add(sql(json) + " IS NOT NULL");
    return conditions.stream().collect(Collectors.joining(" AND ", "(", ")"));
  }

  /** What {@code literal} is compared with. */
  private String operand(Operand field, Literal literal) {
    if (field instanceof ColumnRef ref) {
      Column column = column(ref);
      if (!comparable(literal).contains(column.type())) {
        throw invalid(
            "Column '%s' is a %s and cannot be compared with '%s'"
                .formatted(column.name(), column.type(), shortened("" + literal.parameter())));
      }
      return quoted(column.name());
    }
    AttributeRef attribute = (AttributeRef) field;
    requireRowScope(attribute);
    return sql(
        table.attributes().locate(attribute.scope(), attribute.key(), literal.attributeType()));
  }

  private static Set<? extends ColumnType> comparable(Literal literal) {
    return switch (literal.attributeType()) {
      case STRING, JSON -> EnumSet.of(Scalar.STRING);
      case INT -> EnumSet.of(Scalar.INT32, Scalar.INT64, Scalar.DOUBLE);
      case DOUBLE -> EnumSet.of(Scalar.DOUBLE);
      case BOOL -> EnumSet.of(Scalar.BOOLEAN);
    };
  }

  private static void requireRowScope(AttributeRef attribute) {
    if (attribute.scope().isNested()) {
      throw invalid(
          "Attribute '%s' of %s: a scan takes attributes of span, resource and scope only"
              .formatted(attribute.key(), attribute.scope()));
    }
  }

  private Column column(ColumnRef ref) {
    return requireColumn(table, ref.storageColumn());
  }

  static Column requireColumn(TableSchema table, String name) {
    return table
        .storageColumn(name)
        .orElseThrow(
            () -> invalid("No column '%s' in table %s".formatted(shortened(name), table.name())));
  }

  /** An attribute's values of one type as a SQL expression; null where a row has none. */
  public static String sql(AttributeLocation location) {
    if (location instanceof AttributeLocation.InMap map) {
      return quoted(map.column()) + "['" + map.key().replace("'", "''") + "']";
    }
    return quoted(location.column());
  }

  static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  static String bind(Object value, List<Object> params) {
    params.add(value);
    return "$" + params.size();
  }

  private static String shortened(String value) {
    return value.length() > 100 ? value.substring(0, 100) + "…" : value;
  }

  private static SignalDbException invalid(String message) {
    return new SignalDbException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
