/**
 * The service catalog: tenants, API keys, datasets and running services in SQLite or PostgreSQL.
 */
@NullMarked
package io.signaldb.common.catalog;

import org.jspecify.annotations.NullMarked;
