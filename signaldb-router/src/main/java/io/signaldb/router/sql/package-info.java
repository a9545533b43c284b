/**
 * Arrow Flight SQL: statements to tickets for a Querier, and what there is to know of the tables.
 */
@NullMarked
package io.signaldb.router.sql;

import org.jspecify.annotations.NullMarked;
