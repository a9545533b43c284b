package io.signaldb.acceptor.otlp;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One OTLP request as a batch of rows.
 *
 * @param ipc one self-contained Arrow IPC stream with {@code accepted} rows; empty when no span was
 *     accepted
 * @param accepted spans in {@code ipc}
 * @param rejected spans left out
 * @param rejectionMessage why, for {@code partial_success}; empty when none was rejected
 */
public record EncodedTraces(
    Optional<ByteBuffer> ipc, int accepted, int rejected, String rejectionMessage) {}
