/**
 * What the tables hold: {@code schemas.toml} resolved once into columns, Arrow and Iceberg schemas,
 * the step from the wire to the storage form, and the place of each attribute. Imports {@code
 * error}.
 */
@NullMarked
package io.signaldb.common.schema;

import org.jspecify.annotations.NullMarked;
