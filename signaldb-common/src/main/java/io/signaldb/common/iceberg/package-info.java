/**
 * Tables of the lake: the Iceberg catalog, where files live and how they reach the disk, table
 * creation and evolution, and the view of a table that queries plan on. Imports {@code error},
 * {@code tenant}, {@code schema}, {@code config}, {@code catalog} and {@code storage}.
 */
@NullMarked
package io.signaldb.common.iceberg;

import org.jspecify.annotations.NullMarked;
