package io.signaldb.querier.read;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.datafusion.DataFusionException;

/**
 * What went wrong with a statement that a client wrote, where the engine's text is for a client.
 */
final class StatementErrors {
  private StatementErrors() {}

  static SignalDbException coded(QueryScope scope, DataFusionException failure) {
    SignalDbException coded = scope.failure(failure);
    if (coded.getCause() != failure) {
      return coded; // the query was stopped
    }
    String text = String.valueOf(failure.getMessage());
    return switch (failure.kind()) {
      case PLAN, EXECUTION, ARGUMENT ->
          new SignalDbException(ErrorCode.INVALID_ARGUMENT, text, failure);
      case UNSUPPORTED -> new SignalDbException(ErrorCode.UNIMPLEMENTED, text, failure);
      case RESOURCES ->
          new SignalDbException(
              ErrorCode.RESOURCE_EXHAUSTED,
              "The statement needs more memory than sql.memory_bytes leaves it: " + text,
              failure);
      case IO, CANCELLED, PANIC, CLOSED -> coded;
    };
  }
}
