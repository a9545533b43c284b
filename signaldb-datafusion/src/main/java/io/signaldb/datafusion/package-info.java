/**
 * Apache DataFusion in this process: SQL over Parquet files and Arrow batches in, Arrow batches or
 * a Parquet file out. Knows no tenant, no Iceberg and no configuration file; imports Arrow only.
 * The shape follows Apache's {@code datafusion-java}.
 *
 * <p><b>Objects.</b> One {@link io.signaldb.datafusion.DataFusionRuntime} per process holds
 * threads, memory pool, caches and object stores. A {@link io.signaldb.datafusion.SessionContext}
 * is cheap and lives for one query or a few; it names tables. A {@link
 * io.signaldb.datafusion.DataFrame} is one query. Every object is {@link java.lang.AutoCloseable},
 * may be used from any thread, and may be closed while another thread uses it: the native side
 * counts references, a later call throws {@link io.signaldb.datafusion.DataFusionException} with
 * kind CLOSED.
 *
 * <p><b>Types.</b> Tables over Parquet files and {@link io.signaldb.datafusion.MemoryTable}s hold
 * their top-level string columns as {@code Utf8View} inside the engine whatever string type was
 * declared: it is the fastest to read, filter and compare. Declare plain {@code Utf8}; a dictionary
 * gains nothing. Results reach Java without views and dictionaries: strings are {@code Utf8},
 * binary {@code Binary}, dictionaries are unpacked.
 *
 * <p><b>SQL.</b> Only queries are accepted: statements that define or change something are refused
 * with kind PLAN. Identifiers without double quotes are folded to lower case. Values are bound as
 * {@code $1}, {@code $2} and so on.
 */
@NullMarked
package io.signaldb.datafusion;

import org.jspecify.annotations.NullMarked;
