package io.signaldb.common.config;

import java.util.List;

/**
 * A configuration and what is worth telling about how it was found.
 *
 * @param warnings settings that have no effect, for the log
 */
public record LoadedConfig(SignalDbConfig config, List<String> warnings) {
  public LoadedConfig {
    warnings = List.copyOf(warnings);
  }
}
