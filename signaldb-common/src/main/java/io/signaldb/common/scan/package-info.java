/**
 * The part of a query that every holder of rows can do: columns, conditions, time range. The
 * Querier asks it of Iceberg files and of the Writers' fresh rows alike. Imports {@code error},
 * {@code schema}.
 */
@NullMarked
package io.signaldb.common.scan;

import org.jspecify.annotations.NullMarked;
