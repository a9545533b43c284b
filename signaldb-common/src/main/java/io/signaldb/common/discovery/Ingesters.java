package io.signaldb.common.discovery;

import io.signaldb.common.catalog.ServiceCatalog;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog's table of running services. Times are kept to the second: as text they then sort as
 * they follow each other.
 */
final class Ingesters {
  private static final Logger log = LoggerFactory.getLogger(Ingesters.class);

  private final ServiceCatalog catalog;

  Ingesters(ServiceCatalog catalog) {
    this.catalog = catalog;
  }

  /** Adds a service, in the place of one that crashed at the same address. */
  void register(ServiceInstance service) {
    catalog.update(
        "DELETE FROM ingesters WHERE address = ? AND service_type = ?",
        service.address(),
        service.type().text());
    catalog.update(
        """
        INSERT INTO ingesters (id, address, last_seen, service_type, capabilities, backlog)
        VALUES (?, ?, ?, ?, ?, ?)""",
        service.id(),
        service.address(),
        service.lastSeen().truncatedTo(ChronoUnit.SECONDS),
        service.type().text(),
        service.capabilities().stream().map(Capability::text).collect(Collectors.joining(",")),
        service.backlog());
  }

  /** Returns false if the service is not in the table. */
  boolean heartbeat(UUID id, Instant now, long backlog) {
    return catalog.update(
            "UPDATE ingesters SET last_seen = ?, backlog = ? WHERE id = ?",
            now.truncatedTo(ChronoUnit.SECONDS),
            backlog,
            id)
        > 0;
  }

  void deregister(UUID id) {
    catalog.update("DELETE FROM ingesters WHERE id = ?", id);
  }

  /** Removes services not seen since {@code oldest}. */
  void reap(Instant oldest) {
    int gone =
        catalog.update(
            "DELETE FROM ingesters WHERE last_seen < ?", oldest.truncatedTo(ChronoUnit.SECONDS));
    if (gone > 0) {
      log.info("Removed {} services from the catalog: no heartbeat since {}", gone, oldest);
    }
  }

  /** Services seen since {@code oldest}, in a stable order. */
  List<ServiceInstance> seenSince(Instant oldest) {
    return catalog
        .query(
            """
            SELECT id, address, last_seen, service_type, capabilities, backlog
            FROM ingesters WHERE last_seen >= ? ORDER BY id""",
            Ingesters::instance,
            oldest.truncatedTo(ChronoUnit.SECONDS))
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /** Empty for a row of a release that knows other services. */
  private static Optional<ServiceInstance> instance(ServiceCatalog.Row row) throws SQLException {
    String type = row.text("service_type");
    HostAndPort address = HostAndPort.parse(row.text("address"), 0);
    List<String> capabilities = List.of(row.text("capabilities").split(","));
    UUID id = UUID.fromString(row.text("id"));
    Instant lastSeen = row.instant("last_seen");
    long backlog = row.number("backlog");
    return Arrays.stream(ServiceType.values())
        .filter(t -> t.text().equals(type))
        .findFirst()
        .map(
            t ->
                new ServiceInstance(
                    id,
                    t,
                    address.host(),
                    address.port(),
                    Arrays.stream(Capability.values())
                        .filter(c -> capabilities.contains(c.text()))
                        .toList(),
                    lastSeen,
                    backlog));
  }
}
