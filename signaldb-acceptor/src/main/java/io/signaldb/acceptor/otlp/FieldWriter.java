package io.signaldb.acceptor.otlp;

/** Writes one field into one row, from a message object or as it lies on the wire. */
interface FieldWriter {
  void write(int row, Object message);

  /**
   * See {@link #write(int, Object)}.
   *
   * @throws NotPlain if the field is malformed, unusual or not to be stored
   */
  void write(int row, WireFrame frame);
}
