package io.signaldb.acceptor.forward;

import io.signaldb.common.auth.Credentials;
import io.signaldb.common.config.FlightConfig;
import io.signaldb.common.discovery.Capability;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.discovery.ServiceRegistry;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchHeader;
import io.signaldb.common.flight.LocalWriters;
import io.signaldb.common.flight.WriteBatch;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends batches to the live Writers in turn, over one stream each; those of this process get them
 * directly. A batch that may have reached a Writer is only ever sent to that Writer again, under
 * the same id; one that certainly has not goes to another.
 */
public final class FlightBatchForwarder implements BatchForwarder, Component {
  private static final String SCHEMA_VERSION = "v1";
  private static final Duration RETRY_HINT = Duration.ofSeconds(1);

  /** What Flight puts around the batch in a message. */
  private static final int MESSAGE_OVERHEAD = 1024;

  private final Writers writers;
  private final BatchIds ids;
  private final FlightConfig config;
  private final LocalWriters local;
  private final @Nullable String authorization;
  private final ScheduledThreadPoolExecutor timer;
  private final Map<HostAndPort, WriterLink> links = new ConcurrentHashMap<>();
  private final AtomicInteger turn = new AtomicInteger();

  /** Where the live Writers are, asked for each batch. */
  @FunctionalInterface
  interface Writers {
    List<HostAndPort> live();
  }

  /**
   * @param ids started before this
   * @param serviceKey shown to the Writers; null when they ask for none
   */
  public FlightBatchForwarder(
      ServiceRegistry registry,
      BatchIds ids,
      FlightConfig config,
      LocalWriters local,
      @Nullable String serviceKey) {
    this(() -> writers(registry), ids, config, local, serviceKey);
  }

  FlightBatchForwarder(
      Writers writers,
      BatchIds ids,
      FlightConfig config,
      LocalWriters local,
      @Nullable String serviceKey) {
    this.writers = writers;
    this.ids = ids;
    this.config = config;
    this.local = local;
    this.authorization = serviceKey == null ? null : "Bearer " + serviceKey;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, task -> new Thread(task, "signaldb-acceptor-forward-timer"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public CompletableFuture<Void> forward(
      TenantContext tenant, TableSchema table, int rows, ByteBuffer ipc, Duration timeout) {
    var header =
        new BatchHeader(SCHEMA_VERSION, table.signal(), table.name(), tenant, ids.next(), rows);
    PendingBatch batch = new PendingBatch(new WriteBatch(header, ipc));
    if (batch.bytes() > config.maxMessageBytes() - MESSAGE_OVERHEAD) {
      batch.fail(
          new SignalDbException(
              ErrorCode.TOO_LARGE,
              "The request makes a batch of %d bytes, expected at most %d (flight.max_message_bytes): send smaller requests"
                  .formatted(batch.bytes(), config.maxMessageBytes() - MESSAGE_OVERHEAD)));
      return batch.outcome();
    }
    Duration wait = timeout.compareTo(config.callTimeout()) < 0 ? timeout : config.callTimeout();
    Future<?> deadline =
        timer.schedule(() -> expire(batch, wait), wait.toNanos(), TimeUnit.NANOSECONDS);
    dispatch(batch, Set.of());
    return batch.outcome().whenComplete((stored, failure) -> deadline.cancel(false));
  }

  /** Batches sent and not yet answered. */
  public int outstanding() {
    return links.values().stream().mapToInt(WriterLink::outstanding).sum();
  }

  @Override
  public void close() {
    timer.shutdown();
    links.values().forEach(WriterLink::close);
  }

  private static List<HostAndPort> writers(ServiceRegistry registry) {
    List<ServiceInstance> live = registry.live(Capability.STORAGE);
    if (live.isEmpty()) {
      live = registry.liveNow(Capability.STORAGE);
    }
    return live.stream().map(ServiceInstance::address).toList();
  }

  private void dispatch(PendingBatch batch, Set<HostAndPort> failed) {
    try {
      List<HostAndPort> candidates = new ArrayList<>(writers.live());
      candidates.removeAll(failed);
      if (candidates.isEmpty()) {
        batch.fail(noWriter(failed));
        return;
      }
      Collections.rotate(candidates, -turn.getAndIncrement());
      if (offer(candidates, batch, failed, false) || offer(candidates, batch, failed, true)) {
        return;
      }
      batch.fail(
          SignalDbException.retryLater(
              ErrorCode.RESOURCE_EXHAUSTED,
              "Every Writer has its window of unanswered batches full; retry later",
              RETRY_HINT));
    } catch (SignalDbException e) {
      batch.fail(e);
    }
  }

  private boolean offer(
      List<HostAndPort> candidates, PendingBatch batch, Set<HostAndPort> failed, boolean evenDown) {
    for (HostAndPort address : candidates) {
      Runnable elsewhere = () -> dispatch(batch, with(failed, address));
      if (link(address).offer(batch, elsewhere, evenDown)) {
        return true;
      }
    }
    return false;
  }

  private WriterLink link(HostAndPort address) {
    return links.computeIfAbsent(
        address,
        missing ->
            local
                .connect(missing, new Credentials(authorization, null, null))
                .<WriterLink>map(LocalWriterLink::new)
                .orElseGet(
                    () ->
                        new WriterStream(missing, authorization, config.maxMessageBytes(), timer)));
  }

  private void expire(PendingBatch batch, Duration wait) {
    batch.fail(
        SignalDbException.retryLater(
            ErrorCode.UNAVAILABLE,
            "No Writer confirmed the batch within %d ms; it may or may not be stored, send it again"
                .formatted(wait.toMillis()),
            RETRY_HINT));
  }

  private static SignalDbException noWriter(Set<HostAndPort> failed) {
    String message =
        failed.isEmpty()
            ? "No Writer is registered; nothing was stored, retry later"
            : "No Writer can be reached, tried %s; nothing was stored, retry later"
                .formatted(failed);
    return SignalDbException.retryLater(ErrorCode.UNAVAILABLE, message, RETRY_HINT);
  }

  private static Set<HostAndPort> with(Set<HostAndPort> some, HostAndPort another) {
    Set<HostAndPort> all = new HashSet<>(some);
    all.add(another);
    return all;
  }
}
