package io.signaldb.acceptor.otlp;

import com.google.protobuf.Message;
import java.util.List;

/**
 * The rows of requests of one signal on their way into batches, one for each table. Not
 * thread-safe; reused from request to request.
 *
 * @param <Q> the requests
 */
interface RequestRows<Q extends Message> {
  /** Batches have at most so many rows, if these have many columns. */
  Rejection TOO_LARGE =
      new Rejection(
          "batch size",
          "the request has too many different attributes, events or links for its number of rows;"
              + " send fewer rows in a request");

  /** What a row is, for messages to the sender: {@code span}. */
  String noun();

  /** Adds the rows that can be stored and tells why the others cannot. */
  void add(Q request, long nowUnixNano, Rejections rejections);

  /**
   * Adds the rows of an encoded request.
   *
   * @throws NotPlain if it is malformed or unusual, or if not all rows can be stored; the batches
   *     have to be cleared
   */
  void read(byte[] request, int offset, int length, long nowUnixNano);

  /** The batches, empty ones too. */
  List<BatchBuilder<?>> batches();
}
