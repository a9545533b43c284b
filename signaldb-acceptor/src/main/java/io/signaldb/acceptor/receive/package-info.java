/**
 * OTLP in: the gRPC and HTTP endpoints, bounded decompression, the two message formats, and what
 * both endpoints do with a request. Imports {@code common}, {@code acceptor.otlp} and {@code
 * acceptor.forward}.
 */
@NullMarked
package io.signaldb.acceptor.receive;

import org.jspecify.annotations.NullMarked;
