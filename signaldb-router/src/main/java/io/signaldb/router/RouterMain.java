package io.signaldb.router;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.ServiceRunner;

/** The Router as a process of its own. */
public final class RouterMain {
  private RouterMain() {}

  public static void main(String[] args) {
    ServiceRunner.run("router", args, RouterMain::assemble);
  }

  /** Wires the Router; the monolith calls this too. */
  public static Router assemble(SignalDbConfig config, ServiceContext context) {
    return new Router(config, context);
  }
}
