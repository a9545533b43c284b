package io.signaldb.common.telemetry;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Log lines on standard error, those of java.util.logging included, as {@code logback.xml} of this
 * module describes them.
 */
public final class Logging {
  private Logging() {}

  /**
   * Sets up logging anew.
   *
   * @param level lowest level logged: "INFO"
   * @param format "text" or "json"
   */
  public static void configure(String level, String format) {
    URL description = Logging.class.getResource("/logback.xml");
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)
        || description == null) {
      throw new IllegalStateException("logback and its logback.xml are not on the class path");
    }
    context.reset();
    context.putProperty("LOG_LEVEL", level);
    context.putProperty("LOG_FORMAT", format);
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(description);
    } catch (JoranException e) {
      throw new IllegalStateException("logback.xml is broken", e);
    }
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
