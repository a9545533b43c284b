package io.signaldb.common.service;

import io.signaldb.common.config.LoadedConfig;
import io.signaldb.common.config.ServiceConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.telemetry.Logging;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a service until the process is told to stop: the body of every main. */
public final class ServiceRunner {
  private static final int FAILED = 1;

  private ServiceRunner() {}

  /** Wires a service from its configuration; does no I/O. */
  @FunctionalInterface
  public interface Assembly {
    Component assemble(SignalDbConfig config, ServiceContext context);
  }

  /** See {@link #run(String, String[], Assembly, Map)}; with the documented defaults. */
  public static void run(String name, String[] args, Assembly assembly) {
    run(name, args, assembly, Map.of());
  }

  /**
   * Reads the command line and configuration, starts the service and, on SIGTERM or SIGINT, closes
   * it within {@code service.shutdown_timeout}. The process then ends as the signal says (143 or
   * 130). It exits with 0 after a command that prints, 1 when the service cannot start or does not
   * stop in time, 2 when the command line or configuration is wrong.
   *
   * @param name what the service calls itself: "writer"; options for the keys of the section of
   *     that name are added to the command line
   * @param defaults other defaults than the documented ones, by dotted key
   */
  public static void run(
      String name, String[] args, Assembly assembly, Map<String, String> defaults) {
    int code =
        new ServiceCommand(name, defaults, loaded -> serve(name, loaded, assembly)).execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  private static int serve(String name, LoadedConfig loaded, Assembly assembly) {
    SignalDbConfig config = loaded.config();
    ServiceConfig service = config.service();
    Logging.configure(
        service.logLevel().name(), service.logFormat().name().toLowerCase(Locale.ROOT));
    Logger log = LoggerFactory.getLogger(ServiceRunner.class);
    loaded.warnings().forEach(log::warn);
    ServiceContext context = new ServiceContext(config, Clock.systemUTC());
    Component process =
        Component.sequence(context, assembly.assemble(config, context), context.opsServer());
    Shutdown shutdown = new Shutdown(service.shutdownTimeout());
    shutdown.install();
    try {
      process.start();
      context.setReady(true);
      log.info("{} is ready", name);
      shutdown.await();
      context.setReady(false);
      log.info("{} is stopping", name);
      process.close();
      log.info("{} has stopped", name);
      return 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException("the main thread is never interrupted", e);
    } catch (SignalDbException e) {
      log.debug("Cannot run", e);
      System.err.printf("%s: %s%n", name, e.getMessage());
      return FAILED;
    } catch (Exception e) {
      log.error("{} failed", name, e);
      return FAILED;
    } finally {
      shutdown.done();
    }
  }
}
