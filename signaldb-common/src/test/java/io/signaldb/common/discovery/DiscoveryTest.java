package io.signaldb.common.discovery;

import static io.signaldb.common.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.ManualClock;
import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.catalog.TestDatabases;
import io.signaldb.common.config.DatabaseDsn;
import io.signaldb.common.config.DiscoveryConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryTest {
  private static final DiscoveryConfig CONFIG =
      new DiscoveryConfig(
          null, Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofSeconds(300));

  @TempDir Path directory;

  /** What holds for every database of the catalog. */
  abstract static class Contract {
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-23T00:00:00.123Z"));
    private final AtomicLong backlog = new AtomicLong();
    private ServiceCatalog catalog;
    private ServiceRegistry registry;

    abstract DatabaseDsn emptyDatabase();

    @BeforeEach
    void start() {
      catalog = new ServiceCatalog(emptyDatabase(), 4);
      catalog.start();
      registry = new ServiceRegistry(catalog, CONFIG, clock);
    }

    @AfterEach
    void close() {
      catalog.close();
    }

    private Registration registration(ServiceType type, String host, int port) {
      return new Registration(
          type, () -> new HostAndPort(host, port), backlog::get, catalog, CONFIG, clock);
    }

    @Test
    void aServiceIsListedFromStartToClose() {
      Registration writer = registration(ServiceType.WRITER, "::1", 50061);
      assertThat(registry.live(Capability.STORAGE)).isEmpty();
      clock.advance(Duration.ofSeconds(1));
      writer.start();
      assertThat(registry.live(Capability.STORAGE))
          .containsExactly(
              new ServiceInstance(
                  writer.id(),
                  ServiceType.WRITER,
                  "::1",
                  50061,
                  List.of(Capability.TRACE_INGESTION, Capability.STORAGE),
                  Instant.parse("2026-11-23T00:00:01Z"),
                  0));
      assertThat(registry.live(Capability.QUERY_EXECUTION)).isEmpty();
      writer.close();
      writer.close();
      assertThat(registry.liveNow(Capability.STORAGE)).isEmpty();
    }

    @Test
    void aServiceTakesThePlaceOfOneThatCrashedAtItsAddress() {
      try (Registration crashed = registration(ServiceType.WRITER, "w", 1);
          Registration other = registration(ServiceType.WRITER, "w", 2);
          Registration restarted = registration(ServiceType.WRITER, "w", 1)) {
        crashed.start();
        other.start();
        restarted.start();
        assertThat(registry.liveNow(Capability.STORAGE))
            .extracting(ServiceInstance::id)
            .containsExactlyInAnyOrder(other.id(), restarted.id());
      }
    }

    @Test
    void theListIsReadAgainAfterThePollInterval() {
      assertThat(registry.live(Capability.STORAGE)).isEmpty();
      try (Registration writer = registration(ServiceType.WRITER, "w", 1)) {
        writer.start();
        assertThat(registry.live(Capability.STORAGE)).isEmpty();
        assertThat(registry.liveNow(Capability.STORAGE)).hasSize(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(registry.live(Capability.STORAGE)).hasSize(1);
      }
    }

    @Test
    void aHeartbeatKeepsAServiceAlive() throws Exception {
      try (Registration writer = registration(ServiceType.WRITER, "w", 1)) {
        writer.start();
        for (int i = 0; i < 12; i++) {
          clock.advance(Duration.ofSeconds(31));
          Instant now = clock.instant();
          eventually(
              () ->
                  assertThat(registry.liveNow(Capability.STORAGE))
                      .singleElement()
                      .satisfies(
                          s ->
                              assertThat(Duration.between(s.lastSeen(), now).toSeconds())
                                  .isZero()));
        }
      }
    }

    @Test
    void aServiceWithoutHeartbeatIsHiddenAndThenRemoved() throws Exception {
      insertGhost();
      assertThat(registry.liveNow(Capability.QUERY_EXECUTION)).hasSize(1);
      clock.advance(Duration.ofSeconds(302));
      assertThat(registry.liveNow(Capability.QUERY_EXECUTION)).isEmpty();
      assertThat(registry.next(Capability.QUERY_EXECUTION)).isEmpty();
      try (Registration writer = registration(ServiceType.WRITER, "w", 1)) {
        writer.start();
        clock.advance(Duration.ofSeconds(31));
        eventually(
            () ->
                assertThat(catalog.query("SELECT address FROM ingesters", r -> r.text("address")))
                    .containsExactly("w:1"));
      }
    }

    private void insertGhost() {
      new Ingesters(catalog)
          .register(
              new ServiceInstance(
                  UUID.randomUUID(),
                  ServiceType.QUERIER,
                  "ghost",
                  1,
                  ServiceType.QUERIER.capabilities(),
                  clock.instant(),
                  0));
    }

    @Test
    void registersAgainWhenItsRowIsGone() throws Exception {
      try (Registration writer = registration(ServiceType.WRITER, "w", 1)) {
        writer.start();
        catalog.update("DELETE FROM ingesters");
        clock.advance(Duration.ofSeconds(31));
        eventually(
            () ->
                assertThat(registry.liveNow(Capability.STORAGE))
                    .extracting(ServiceInstance::id)
                    .containsExactly(writer.id()));
      }
    }

    @Test
    void tellsABacklogWithoutWaitingForTheHeartbeat() throws Exception {
      try (Registration acceptor = registration(ServiceType.ACCEPTOR, "a", 1)) {
        acceptor.start();
        for (long waiting : new long[] {7, 0}) {
          backlog.set(waiting);
          eventually(
              () ->
                  assertThat(registry.liveNow(Capability.TRACE_INGESTION))
                      .extracting(ServiceInstance::backlog)
                      .containsExactly(waiting));
        }
      }
    }

    @Test
    void takesTurnsAndPassesOverWhatFailed() {
      try (Registration one = registration(ServiceType.QUERIER, "one", 1);
          Registration two = registration(ServiceType.QUERIER, "two", 2)) {
        one.start();
        two.start();
        assertThat(List.of(next(), next(), next(), next()))
            .containsExactlyInAnyOrder("one", "two", "one", "two");
        ServiceInstance failed = registry.next(Capability.QUERY_EXECUTION).orElseThrow();
        registry.failed(failed);
        assertThat(List.of(next(), next(), next())).doesNotContain(failed.host());
        clock.advance(Duration.ofSeconds(5));
        assertThat(List.of(next(), next())).contains(failed.host());
      }
    }

    @Test
    void usesAFailedServiceWhenThereIsNoOther() {
      try (Registration one = registration(ServiceType.QUERIER, "one", 1)) {
        one.start();
        registry.failed(registry.next(Capability.QUERY_EXECUTION).orElseThrow());
        assertThat(next()).isEqualTo("one");
      }
    }

    private String next() {
      return registry.next(Capability.QUERY_EXECUTION).orElseThrow().host();
    }

    @Test
    void usesTheLastListWhileTheCatalogCannotBeReadButNotBeyondTheTtl() {
      insertGhost();
      assertThat(registry.live(Capability.QUERY_EXECUTION)).hasSize(1);
      catalog.close();
      clock.advance(Duration.ofSeconds(200));
      assertThat(registry.live(Capability.QUERY_EXECUTION)).hasSize(1);
      clock.advance(Duration.ofSeconds(102));
      assertThat(registry.live(Capability.QUERY_EXECUTION)).isEmpty();
      assertThatThrownBy(() -> registry.liveNow(Capability.QUERY_EXECUTION))
          .isInstanceOfSatisfying(
              SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }

    @Test
    void ignoresServicesOfOtherReleases() {
      catalog.update(
          """
          INSERT INTO ingesters (id, address, last_seen, service_type, capabilities)
          VALUES (?, 'c:1', ?, 'Compactor', 'Compaction,Storage')""",
          UUID.randomUUID(),
          Instant.parse("2026-11-23T00:00:00Z"));
      assertThat(registry.liveNow(Capability.STORAGE)).isEmpty();
    }
  }

  @Nested
  class Sqlite extends Contract {
    @Override
    DatabaseDsn emptyDatabase() {
      return TestDatabases.sqlite(directory);
    }
  }

  @Nested
  class Postgresql extends Contract {
    @Override
    DatabaseDsn emptyDatabase() {
      return TestDatabases.postgresql();
    }
  }
}
