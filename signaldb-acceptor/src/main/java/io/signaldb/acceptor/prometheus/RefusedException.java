package io.signaldb.acceptor.prometheus;

/** A part of a request cannot be stored; the rest can. The message is for the sender. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String why;

  RefusedException(String why) {
    super(why, null, false, false);
    this.why = why;
  }

  /** The message. */
  String why() {
    return why;
  }
}
