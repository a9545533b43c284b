package io.signaldb.acceptor.otlp;

/** Writes a field of which a message may have any number. */
interface RepeatedFieldWriter extends FieldWriter {
  /** How many values {@link #write} would add at the most, nulls included. */
  long cost(int row, Object message);

  /** See {@link #cost(int, Object)}. */
  long cost(int row, WireFrame frame);
}
