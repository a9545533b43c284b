package io.signaldb.acceptor;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.ServiceRunner;

/** The Acceptor: takes OTLP in and answers once a Writer has the rows on disk. */
public final class AcceptorMain {
  private AcceptorMain() {}

  public static void main(String[] args) {
    ServiceRunner.run("acceptor", args, AcceptorMain::assemble);
  }

  /** Wires the Acceptor; the monolith calls this too. */
  public static Component assemble(SignalDbConfig config, ServiceContext context) {
    return new Acceptor(config, context);
  }
}
