package io.signaldb.common.service;

import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.config.SignalDbConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/** Contexts of services under test: everything below one directory, ports free ones. */
public final class TestServices {
  private TestServices() {}

  /**
   * A configuration below a directory, with free ports and quick heartbeats.
   *
   * @param settings values by dotted key; they go before those of this class
   */
  public static SignalDbConfig config(Path directory, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>();
    all.put("data_dir", directory.toString());
    all.put("discovery.poll_interval", "50ms");
    for (String port :
        new String[] {
          "acceptor.grpc_port",
          "acceptor.http_port",
          "writer.flight_port",
          "querier.flight_port",
          "router.http_port",
          "router.flight_port"
        }) {
      all.put(port, "0");
    }
    all.putAll(settings);
    return new ConfigLoader(Map.of(), Map.of()).load(null, all).config();
  }

  /** A started context; the caller closes it. */
  public static ServiceContext start(SignalDbConfig config) throws Exception {
    return start(config, Clock.systemUTC());
  }

  /** As {@link #start(SignalDbConfig)}, with a clock of the caller's. */
  public static ServiceContext start(SignalDbConfig config, Clock clock) throws Exception {
    ServiceContext context = new ServiceContext(config, clock);
    context.start();
    return context;
  }
}
