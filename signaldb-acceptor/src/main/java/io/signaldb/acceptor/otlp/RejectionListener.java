package io.signaldb.acceptor.otlp;

import com.google.protobuf.Message;

/** Told of every row of a request that is left out. */
@FunctionalInterface
public interface RejectionListener {
  /**
   * One row is left out.
   *
   * @param row the span, log record or data point, the very object of the request
   * @param why shows the value and what was expected
   */
  void rejected(Message row, String why);
}
