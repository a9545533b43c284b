package io.signaldb.acceptor.receive;

/**
 * A request as it was read from a body.
 *
 * @param warning for the sender, about what had to be changed to read it; empty if nothing was
 */
record ParsedRequest<Q>(Q request, String warning) {
  static <Q> ParsedRequest<Q> whole(Q request) {
    return new ParsedRequest<>(request, "");
  }

  static <Q> ParsedRequest<Q> repaired(Q request) {
    return new ParsedRequest<>(
        request, "the request has text that is not UTF-8; the wrong bytes were replaced by U+FFFD");
  }
}
