package io.signaldb.common.schema;

import java.util.List;
import java.util.Optional;

/**
 * Where the attributes of one table live: in promoted columns or in the maps by value type. The one
 * place that knows; decoder, fresh rows and queries ask it. Immutable.
 *
 * <p>Names are storage names. Those of {@link AttributeScope#EVENT} and {@link AttributeScope#LINK}
 * are fields of the list's element, not columns of the table.
 */
public final class AttributeColumns {
  /** Where values of {@code type} under {@code key} are stored; there is always such a place. */
  public AttributeLocation locate(AttributeScope scope, String key, AttributeType type) {
    throw new UnsupportedOperationException();
  }

  /** The places of {@code key}, one per {@link AttributeType} in the order of the enum. */
  public List<AttributeLocation> locations(AttributeScope scope, String key) {
    throw new UnsupportedOperationException();
  }

  /** The attribute a column was made for; empty for columns that are no promoted attribute. */
  public Optional<PromotedAttribute> promotedBy(String column) {
    throw new UnsupportedOperationException();
  }

  /** All promoted attributes in column order. */
  public List<PromotedAttribute> promoted() {
    throw new UnsupportedOperationException();
  }

  /** The storage column that holds the map of one type. */
  public String mapColumn(AttributeScope scope, AttributeType type) {
    throw new UnsupportedOperationException();
  }
}
