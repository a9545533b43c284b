package io.signaldb.writer;

import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.config.SignalDbConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.apache.iceberg.jdbc.JdbcCatalog;

/**
 * A SQL catalog whose connection breaks at chosen moments of a commit to an existing table. Created
 * by name as Iceberg does, hence the static switch: one test at a time.
 */
public final class FaultyCatalog extends JdbcCatalog {
  /** What goes wrong. */
  enum Fault {
    NONE,
    /** The connection is lost before the database sees the commit. */
    LOST_BEFORE,
    /** The database commits, the answer is lost. */
    LOST_AFTER,
    /** The database commits, and from then on cannot be reached. */
    DOWN_AFTER,
    /** The connection is lost, and the database commits only when the next commit comes. */
    COMMITS_LATE,
    /** The database commits and this process dies. */
    DIES_AFTER
  }

  private static volatile Fault fault = Fault.NONE;
  private static volatile boolean down;
  private static volatile Runnable late = () -> {};

  /** The next commit to an existing table goes wrong so. */
  static void next(Fault next) {
    fault = next;
    down = false;
    late = () -> {};
  }

  /** A configuration with this catalog. */
  static SignalDbConfig config(Path directory) throws IOException {
    Path file = directory.resolve("signaldb.toml");
    Files.writeString(
        file,
        """
        [schema]
        catalog_type = "custom"
        catalog_uri = "jdbc:sqlite:%s"
        [schema.catalog_properties]
        catalog-impl = "%s"
        """
            .formatted(directory.resolve("faulty.db"), FaultyCatalog.class.getName()));
    Map<String, String> settings = new HashMap<>(RunningWriter.QUIET);
    settings.put("data_dir", directory.toString());
    settings.put("writer.flight_port", "0");
    return new ConfigLoader(Map.of(), Map.of()).load(file, settings).config();
  }

  @Override
  protected TableOperations newTableOps(TableIdentifier identifier) {
    return new FaultyOperations(super.newTableOps(identifier));
  }

  private static final class ConnectionLost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConnectionLost() {
      super("The connection was lost");
    }
  }

  private record FaultyOperations(TableOperations healthy) implements TableOperations {
    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
      if (down) {
        throw new ConnectionLost();
      }
      late.run();
      Fault now = base == null ? Fault.NONE : fault;
      if (base != null) {
        next(Fault.NONE);
      }
      switch (now) {
        case NONE -> healthy.commit(base, metadata);
        case LOST_BEFORE -> throw new ConnectionLost();
        case LOST_AFTER -> {
          healthy.commit(base, metadata);
          throw new ConnectionLost();
        }
        case DOWN_AFTER -> {
          healthy.commit(base, metadata);
          down = true;
          throw new ConnectionLost();
        }
        case COMMITS_LATE -> {
          late = () -> healthy.commit(base, metadata);
          throw new ConnectionLost();
        }
        case DIES_AFTER -> {
          healthy.commit(base, metadata);
          Runtime.getRuntime().halt(137);
        }
      }
    }

    @Override
    public TableMetadata current() {
      return healthy.current();
    }

    @Override
    public TableMetadata refresh() {
      if (down) {
        throw new ConnectionLost();
      }
      return healthy.refresh();
    }

    @Override
    public FileIO io() {
      return healthy.io();
    }

    @Override
    public String metadataFileLocation(String fileName) {
      return healthy.metadataFileLocation(fileName);
    }

    @Override
    public LocationProvider locationProvider() {
      TableMetadata metadata = healthy.current();
      return LocationProviders.locationsFor(metadata.location(), metadata.properties());
    }

    @Override
    public TableOperations temp(TableMetadata uncommitted) {
      return healthy.temp(uncommitted);
    }
  }
}
