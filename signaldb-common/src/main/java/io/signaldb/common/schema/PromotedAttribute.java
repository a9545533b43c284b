package io.signaldb.common.schema;

/**
 * An attribute whose values of one type have a column of their own instead of a map entry.
 *
 * @param column name in the wire and in the storage schema
 */
public record PromotedAttribute(
    AttributeScope scope, String key, AttributeType type, String column) {}
