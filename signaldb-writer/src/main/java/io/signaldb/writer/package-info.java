/**
 * The Writer: Arrow batches in over Flight, logged before they are acknowledged, served to queries
 * while they wait, and written as sorted Parquet files in Iceberg commits. Imports {@code common}
 * and {@code datafusion}.
 */
@NullMarked
package io.signaldb.writer;

import org.jspecify.annotations.NullMarked;
