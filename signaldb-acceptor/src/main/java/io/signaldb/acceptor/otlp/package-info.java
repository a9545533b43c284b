/**
 * OTLP messages in, Arrow IPC bytes of the wire schema out: validation, column encoding. Imports
 * {@code common.error}, {@code common.schema}.
 */
@NullMarked
package io.signaldb.acceptor.otlp;

import org.jspecify.annotations.NullMarked;
