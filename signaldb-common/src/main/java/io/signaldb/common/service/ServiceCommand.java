package io.signaldb.common.service;

import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.config.ConfigText;
import io.signaldb.common.config.LoadedConfig;
import io.signaldb.common.error.SignalDbException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The command line of a service: {@code start} (the default), {@code config}, {@code validate},
 * {@code version}.
 */
@Command(sortOptions = false, description = "Without a command: start.")
final class ServiceCommand implements Callable<Integer> {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Configuration file; signaldb.toml in the current directory if it exists.")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      scope = ScopeType.INHERIT,
      description = "Any key of the configuration, as in --set discovery.ttl=60s; repeatable.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log at DEBUG.")
  private boolean verbose;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Log at WARN.")
  private boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this text.")
  @SuppressWarnings("UnusedVariable") // picocli asks the option, not the field
  private boolean help;

  private final Map<String, String> options = new HashMap<>();
  private final CommandLine commandLine;
  private final Map<String, String> defaults;
  private final ToIntFunction<LoadedConfig> start;

  /**
   * @param start runs the service and returns the exit code
   */
  ServiceCommand(String name, Map<String, String> defaults, ToIntFunction<LoadedConfig> start) {
    this.defaults = defaults;
    this.start = start;
    this.commandLine = new CommandLine(this);
    commandLine.setCommandName(name);
    addOption("--data-dir", "data_dir");
    addOption("--wal-dir", "wal.wal_dir");
    addOption("--log-format", "service.log_format");
    addOption("--bind", binds(name));
    ConfigLoader.scalarKeys(name).stream()
        .filter(key -> !key.endsWith(".bind"))
        .forEach(key -> addOption("--" + lastPart(key).replace('_', '-'), key));
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> explain(name, e));
  }

  /** A service's own address, or all of them in a process that runs every service. */
  private static String[] binds(String name) {
    String own = name + ".bind";
    return ConfigLoader.scalarKeys(name).contains(own)
        ? new String[] {own, "service.bind"}
        : new String[] {
          "acceptor.bind", "writer.bind", "querier.bind", "router.bind", "service.bind"
        };
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  private void addOption(String option, String... keys) {
    commandLine
        .getCommandSpec()
        .addOption(
            OptionSpec.builder(option)
                .paramLabel("VALUE")
                .type(String.class)
                .scopeType(ScopeType.INHERIT)
                .description(ConfigLoader.documentation(keys[0]))
                .setter(
                    new ISetter() {
                      @Override
                      public <T> @Nullable T set(@Nullable T value) {
                        for (String key : keys) {
                          if (value == null) {
                            options.remove(key);
                          } else {
                            options.put(key, value.toString());
                          }
                        }
                        return null;
                      }
                    })
                .build());
  }

  private static int explain(String name, Exception failure) throws Exception {
    if (failure instanceof SignalDbException) {
      System.err.printf("%s: %s%n", name, failure.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    throw failure;
  }

  /** Parses and runs; returns the exit code. */
  int execute(String... args) {
    return commandLine.execute(args);
  }

  private LoadedConfig load() {
    Map<String, String> all = new HashMap<>(settings);
    if (verbose) {
      all.put("service.log_level", "DEBUG");
    } else if (quiet) {
      all.put("service.log_level", "WARN");
    }
    all.putAll(options);
    return new ConfigLoader(System.getenv(), defaults).load(config, all);
  }

  @Override
  public Integer call() {
    return start();
  }

  @Command(description = "Run until told to stop.")
  int start() {
    return start.applyAsInt(load());
  }

  @Command(description = "Print the configuration in effect, without secrets.")
  int config() {
    System.out.print(ConfigText.effective(load().config()));
    return 0;
  }

  @Command(description = "Check the configuration.")
  int validate() {
    LoadedConfig loaded = load();
    loaded.warnings().forEach(System.err::println);
    System.out.println("The configuration is valid.");
    return 0;
  }

  @Command(description = "Print the version.")
  int version() {
    System.out.printf("%s %s%n", commandLine.getCommandName(), ProductVersion.current());
    return 0;
  }
}
