package io.signaldb.acceptor.otlp;

/**
 * A request is malformed, has rows that have to be rejected, or is written in a way in which hardly
 * anything writes. It is then read again as message objects, which take and tell everything.
 */
final class NotPlain extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotPlain() {
    super("not a plain request", null, false, false);
  }
}
