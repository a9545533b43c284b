package io.signaldb.common.flight;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import org.apache.arrow.flight.BackpressureStrategy.CallbackBackpressureStrategy;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;

/**
 * Sends a {@code do_get} answer as fast as its client reads it, and tells when the client leaves.
 * For producers behind a {@link FlightEndpoint}. Used by the thread that sends.
 */
public final class ClientFlow extends CallbackBackpressureStrategy {
  private final Duration patience;
  private final Runnable onCancel;

  /**
   * @param patience how long a client may read nothing
   * @param onCancel called, by another thread, when the client cancels its call
   */
  public ClientFlow(ServerStreamListener listener, Duration patience, Runnable onCancel) {
    this.patience = patience;
    this.onCancel = onCancel;
    register(listener);
  }

  /**
   * Waits until the client takes another message.
   *
   * @throws SignalDbException CANCELLED if it has left or reads nothing
   */
  public void awaitRoom() {
    WaitResult client = waitForListener(patience.toMillis());
    if (client != WaitResult.READY) {
      throw new SignalDbException(
          ErrorCode.CANCELLED,
          client == WaitResult.CANCELLED
              ? "The client cancelled its call"
              : "The client read nothing for %d s".formatted(patience.toSeconds()));
    }
  }

  @Override
  protected void cancelCallback() {
    onCancel.run();
  }
}
