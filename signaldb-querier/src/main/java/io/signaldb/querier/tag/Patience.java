package io.signaldb.querier.tag;

import io.signaldb.querier.read.QueryScope;
import java.time.Duration;

/** How long somebody waits for a list to choose from, before one that may lack something serves. */
final class Patience {
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private final QueryScope scope;
  private final String what;
  private final long deadline = System.nanoTime() + LONGEST.toNanos();

  Patience(QueryScope scope, String what) {
    this.scope = scope;
    this.what = what;
  }

  /** Whether there is time to look at more; if not, the answer is noted as incomplete. */
  boolean goOn() {
    if (System.nanoTime() < deadline) {
      return true;
    }
    scope.incomplete(
        "%s of the oldest spans were not looked for after %d s; narrow the time range"
            .formatted(what, LONGEST.toSeconds()));
    return false;
  }
}
