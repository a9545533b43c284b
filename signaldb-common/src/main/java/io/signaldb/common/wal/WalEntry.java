package io.signaldb.common.wal;

import java.nio.ByteBuffer;

/**
 * One logged payload.
 *
 * @param position rises with every append, never used twice in the life of a log; the first is 1;
 *     there may be gaps after a failed append or a damaged segment
 * @param payload read-only, from position to limit; who hands it out says how long it is valid
 */
public record WalEntry(long position, ByteBuffer payload) {}
