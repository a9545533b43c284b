/**
 * The end-to-end benchmark: load over OTLP/gRPC into a fresh monolith, then queries with known
 * answers.
 *
 * <p>Sees only the wire and {@code /proc}: imports protobuf, gRPC and picocli, nothing of the
 * services.
 */
@NullMarked
package io.signaldb.benchmarks.endtoend;

import org.jspecify.annotations.NullMarked;
