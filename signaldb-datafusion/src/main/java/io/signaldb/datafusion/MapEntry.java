package io.signaldb.datafusion;

/**
 * An entry of a map that is stored in a column of its own.
 *
 * @param map name of the map's column
 * @param column whose values are those of the entry
 */
public record MapEntry(String map, String key, String column) {}
