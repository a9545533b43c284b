package io.signaldb.acceptor.otlp;

import java.util.List;

/**
 * One OTLP request as batches of rows.
 *
 * @param batches at most one for each table; none if no row was accepted
 * @param accepted rows in the batches
 * @param rejected rows left out
 * @param message why, and what else the sender should know, for {@code partial_success}; empty if
 *     there is nothing to tell
 */
public record EncodedRequest(
    List<EncodedBatch> batches, int accepted, int rejected, String message) {
  public EncodedRequest {
    batches = List.copyOf(batches);
  }
}
