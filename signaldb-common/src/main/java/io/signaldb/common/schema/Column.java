package io.signaldb.common.schema;

/**
 * One physical column of a table or field of a struct.
 *
 * @param required no row has null here
 * @param doc one sentence for the reference; may be empty
 */
public record Column(String name, ColumnType type, boolean required, String doc) {}
