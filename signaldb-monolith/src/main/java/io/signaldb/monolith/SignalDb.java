package io.signaldb.monolith;

import io.signaldb.acceptor.AcceptorMain;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.engine.Engine;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.ServiceRunner;
import io.signaldb.querier.QuerierMain;
import io.signaldb.router.RouterMain;
import io.signaldb.writer.WriterMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * SignalDB in one process: Writer, Querier, Acceptor and Router share one catalog and find each
 * other in it, as they do when they run apart.
 */
public final class SignalDb {
  /** The Writer's port in this process; it has its own default where it runs apart. */
  private static final Map<String, String> DEFAULTS = Map.of("writer.flight_port", "50051");

  /** Where the launcher says the load generator is; absent unless a demonstration is wanted. */
  private static final String DEMO_PRODUCER = "signaldb.demo.producer";

  private SignalDb() {}

  public static void main(String[] args) {
    ServiceRunner.run("signaldb", args, SignalDb::assemble, DEFAULTS);
  }

  /** Wires the process; order is start order, close runs in reverse: intake stops first. */
  public static Component assemble(SignalDbConfig config, ServiceContext context) {
    Engine engine = new Engine(config, context.storage(), context.meters());
    List<Component> parts = new ArrayList<>();
    parts.add(new PortCheck(config));
    parts.add(engine);
    parts.add(WriterMain.assemble(config, context, engine));
    parts.add(QuerierMain.assemble(config, context, engine));
    parts.add(AcceptorMain.assemble(config, context));
    parts.add(RouterMain.assemble(config, context));
    parts.add(new Banner(config, System.out));
    String producer = System.getProperty(DEMO_PRODUCER);
    if (producer != null) {
      parts.add(new Demo(config, Path.of(producer)));
    }
    return Component.sequence(parts.toArray(Component[]::new));
  }
}
