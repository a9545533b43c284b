package io.signaldb.acceptor.receive;

import io.signaldb.acceptor.otlp.EncodedTraces;

/**
 * A request as rows.
 *
 * @param warning for the sender, about what had to be changed to read it; empty if nothing was
 */
record ReceivedTraces(EncodedTraces encoded, String warning) {
  static ReceivedTraces whole(EncodedTraces encoded) {
    return new ReceivedTraces(encoded, "");
  }
}
