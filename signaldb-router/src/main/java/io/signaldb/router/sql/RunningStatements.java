package io.signaldb.router.sql;

import io.grpc.Context;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The statements this Router passes answers of, so that they can be cancelled. Thread-safe. */
final class RunningStatements {
  private final Map<UUID, Running> running = new ConcurrentHashMap<>();

  private record Running(String tenantSlug, Context.CancellableContext context) {}

  /**
   * Runs a statement in a context of its own.
   *
   * @throws SignalDbException CANCELLED if it was cancelled meanwhile
   */
  void run(UUID id, String tenantSlug, Runnable statement) {
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      Running entry = new Running(tenantSlug, context);
      running.put(id, entry);
      try {
        context.run(statement);
      } catch (RuntimeException e) {
        if (context.isCancelled()) {
          throw new SignalDbException(
              ErrorCode.CANCELLED, "The statement was cancelled by its client", e);
        }
        throw e;
      } finally {
        running.remove(id, entry);
      }
    }
  }

  /** Cancels a statement of a tenant; false if none of that id runs here. */
  boolean cancel(UUID id, String tenantSlug) {
    Running entry = running.get(id);
    if (entry == null || !entry.tenantSlug().equals(tenantSlug)) {
      return false;
    }
    entry.context().cancel(null);
    return true;
  }
}
