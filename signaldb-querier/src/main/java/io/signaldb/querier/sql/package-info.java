/** Statements of clients: description, answer, limits. */
@NullMarked
package io.signaldb.querier.sql;

import org.jspecify.annotations.NullMarked;
