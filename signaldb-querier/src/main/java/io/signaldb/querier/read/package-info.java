/**
 * What a query reads: files of an Iceberg snapshot and the rows Writers have not committed yet, as
 * one set of rows. Also the limits of a running query. Imports {@code common}, {@code engine} and
 * {@code datafusion}; knows no query language.
 */
@NullMarked
package io.signaldb.querier.read;

import org.jspecify.annotations.NullMarked;
