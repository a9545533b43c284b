/** Names and values of attributes, for people who are writing a query. */
@NullMarked
package io.signaldb.querier.tag;

import org.jspecify.annotations.NullMarked;
