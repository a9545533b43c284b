package io.signaldb.acceptor.receive;

import io.signaldb.acceptor.otlp.EncodedRequest;

/**
 * A request as rows.
 *
 * @param warning for the sender, about what had to be changed to read it; empty if nothing was
 */
record ReceivedRequest(EncodedRequest encoded, String warning) {
  static ReceivedRequest whole(EncodedRequest encoded) {
    return new ReceivedRequest(encoded, "");
  }
}
