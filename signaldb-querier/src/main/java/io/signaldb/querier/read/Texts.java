package io.signaldb.querier.read;

import java.nio.charset.StandardCharsets;
import org.apache.arrow.vector.VarCharVector;

/** Reads strings out of batches. */
public final class Texts {
  private Texts() {}

  /**
   * The string of a row that has one. Several times as fast as Arrow's {@code Text.toString}, which
   * sets up a decoder for each value.
   */
  public static String at(VarCharVector vector, int row) {
    return new String(vector.get(row), StandardCharsets.UTF_8);
  }
}
