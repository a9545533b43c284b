/**
 * OTLP and Prometheus remote write in: the endpoints, bounded decompression, the message formats,
 * and what all endpoints do with a request. Imports {@code common}, {@code acceptor.otlp}, {@code
 * acceptor.prometheus} and {@code acceptor.forward}.
 */
@NullMarked
package io.signaldb.acceptor.receive;

import org.jspecify.annotations.NullMarked;
