package io.signaldb.acceptor.forward;

import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Makes batches durable, wherever. Thread-safe. */
public interface BatchForwarder {
  /**
   * Hands over one batch.
   *
   * @param table the table the rows belong to
   * @param ipc one self-contained Arrow IPC stream; must not change until the future completes
   * @param timeout how long the caller waits; more than the configured call timeout is cut to it
   * @return completes once the rows are on disk, or with a {@link
   *     io.signaldb.common.error.SignalDbException}: UNAVAILABLE if no Writer answered in time (the
   *     rows may or may not be stored), RESOURCE_EXHAUSTED if all are busy, TOO_LARGE, or what the
   *     Writer refused it with. Dependent actions must not block.
   */
  CompletableFuture<Void> forward(
      TenantContext tenant, TableSchema table, int rows, ByteBuffer ipc, Duration timeout);
}
