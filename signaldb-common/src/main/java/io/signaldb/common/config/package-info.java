/**
 * The configuration: one record per TOML section, read from defaults, {@code signaldb.toml} and the
 * environment. Imports {@code error} and {@code tenant}.
 */
@NullMarked
package io.signaldb.common.config;

import org.jspecify.annotations.NullMarked;
