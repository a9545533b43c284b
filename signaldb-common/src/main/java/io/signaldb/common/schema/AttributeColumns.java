package io.signaldb.common.schema;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where the attributes of one table live: in promoted columns or in the maps by value type. The one
 * place that knows; decoder, fresh rows and queries ask it. Immutable.
 *
 * <p>Names are storage names. Those of {@link AttributeScope#EVENT} and {@link AttributeScope#LINK}
 * are fields of the list's element, not columns of the table.
 */
public final class AttributeColumns {
  private final Map<AttributeScope, String> attributes;
  private final Map<AttributeScope, Map<String, PromotedAttribute>> byKey =
      new EnumMap<>(AttributeScope.class);
  private final Map<String, PromotedAttribute> byColumn = new LinkedHashMap<>();
  private final List<PromotedAttribute> promoted;

  /**
   * Places the attributes of the scopes a table has.
   *
   * @param attributes storage name of the column of type {@code attributes}, by scope
   * @param promoted keys with a column of their own, and the type of its values, by scope
   */
  AttributeColumns(
      Map<AttributeScope, String> attributes,
      Map<AttributeScope, Map<String, AttributeType>> promoted) {
    this.attributes = Map.copyOf(attributes);
    for (AttributeScope scope : AttributeScope.values()) {
      Map<String, PromotedAttribute> keys = new HashMap<>();
      if (attributes.containsKey(scope)) {
        promoted.getOrDefault(scope, Map.of()).forEach((key, type) -> add(keys, scope, key, type));
      }
      byKey.put(scope, keys);
    }
    this.promoted = List.copyOf(byColumn.values());
  }

  private void add(
      Map<String, PromotedAttribute> keys, AttributeScope scope, String key, AttributeType type) {
    String column =
        scope.name().toLowerCase(Locale.ROOT) + "_attr_" + key.replaceAll("[^A-Za-z0-9]", "_");
    PromotedAttribute attribute = new PromotedAttribute(scope, key, type, column);
    PromotedAttribute other = byColumn.put(column, attribute);
    if (other != null) {
      throw SchemaFile.wrong(
          "promoted", "'%s' and '%s' both need column %s".formatted(other.key(), key, column));
    }
    keys.put(key, attribute);
  }

  /** Where values of {@code type} under {@code key} are stored; there is always such a place. */
  public AttributeLocation locate(AttributeScope scope, String key, AttributeType type) {
    PromotedAttribute promoted = keysOf(scope).get(key);
    if (promoted != null && promoted.type() == type) {
      return new AttributeLocation.InColumn(promoted.column());
    }
    return new AttributeLocation.InMap(mapColumn(scope, type), key);
  }

  /** The places of {@code key}, one per {@link AttributeType} in the order of the enum. */
  public List<AttributeLocation> locations(AttributeScope scope, String key) {
    List<AttributeLocation> locations = new ArrayList<>();
    for (AttributeType type : AttributeType.values()) {
      locations.add(locate(scope, key, type));
    }
    return locations;
  }

  /** The attribute a column was made for; empty for columns that are no promoted attribute. */
  public Optional<PromotedAttribute> promotedBy(String column) {
    return Optional.ofNullable(byColumn.get(column));
  }

  /** All promoted attributes in column order. */
  public List<PromotedAttribute> promoted() {
    return promoted;
  }

  /**
   * The storage column that holds the map of one type.
   *
   * @throws IllegalArgumentException if the table has no attributes of that scope
   */
  public String mapColumn(AttributeScope scope, AttributeType type) {
    String column = attributes.get(scope);
    if (column == null) {
      throw new IllegalArgumentException("the table has no attributes of a " + scope);
    }
    return type.mapColumn(column);
  }

  private Map<String, PromotedAttribute> keysOf(AttributeScope scope) {
    return byKey.getOrDefault(scope, Map.of());
  }
}
