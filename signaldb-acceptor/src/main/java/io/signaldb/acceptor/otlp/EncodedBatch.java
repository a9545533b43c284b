package io.signaldb.acceptor.otlp;

import io.signaldb.common.schema.TableSchema;
import java.nio.ByteBuffer;

/**
 * Rows of one table.
 *
 * @param rows at least one
 * @param ipc one self-contained Arrow IPC stream with them
 */
public record EncodedBatch(TableSchema table, int rows, ByteBuffer ipc) {}
