package io.signaldb.common.error;

import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an edge answers when something was thrown. */
public final class Failures {
  private static final Logger log = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /**
   * The coded exception in what was thrown. Anything uncoded is a fault of ours: it is logged with
   * its stack under an id, and becomes INTERNAL with that id and without the stack.
   */
  public static SignalDbException coded(Throwable thrown) {
    Throwable failure = thrown;
    while ((failure instanceof CompletionException || failure instanceof ExecutionException)
        && failure.getCause() != null) {
      failure = failure.getCause();
    }
    if (failure instanceof SignalDbException coded) {
      return coded;
    }
    String id = UUID.randomUUID().toString().substring(0, 8);
    log.error("Internal error {}", id, failure);
    return new SignalDbException(
        ErrorCode.INTERNAL, "Internal error " + id + "; the server's log has details", failure);
  }
}
