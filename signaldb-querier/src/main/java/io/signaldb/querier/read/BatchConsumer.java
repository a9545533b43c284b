package io.signaldb.querier.read;

import java.util.function.IntPredicate;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Takes the rows of a scan. */
@FunctionalInterface
public interface BatchConsumer {
  /**
   * @param batch valid during the call; its vectors may be transferred out
   * @param visible which rows count; the others are in a file already
   */
  void accept(VectorSchemaRoot batch, IntPredicate visible);
}
