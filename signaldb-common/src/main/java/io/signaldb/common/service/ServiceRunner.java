package io.signaldb.common.service;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.lifecycle.Component;

/** Runs a service until the process is told to stop: the body of every main. */
public final class ServiceRunner {
  private ServiceRunner() {}

  /** Wires a service from its configuration; does no I/O. */
  @FunctionalInterface
  public interface Assembly {
    Component assemble(SignalDbConfig config, ServiceContext context);
  }

  /**
   * Reads the command line and configuration, starts the service, waits for SIGTERM or SIGINT,
   * closes it, and exits: 0 after an orderly stop, 1 when the service failed, 2 when the command
   * line or configuration is wrong.
   *
   * @param name what the service calls itself: "writer"
   */
  public static void run(String name, String[] args, Assembly assembly) {
    throw new UnsupportedOperationException("not implemented yet");
  }
}
