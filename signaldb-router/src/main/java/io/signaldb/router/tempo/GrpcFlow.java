package io.signaldb.router.tempo;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;

/**
 * Sends the messages of a call as fast as its client takes them. Used by the thread that answers
 * the call.
 */
final class GrpcFlow<M> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ServerCallStreamObserver<M> observer;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private boolean cancelled;

  /**
   * @param observer of a call that has just begun
   */
  GrpcFlow(StreamObserver<M> observer) {
    this.observer = (ServerCallStreamObserver<M>) observer;
    this.observer.setOnReadyHandler(this::changed);
  }

  /** What to do, on another thread, when the client cancels. */
  void onCancel(Runnable action) {
    observer.setOnCancelHandler(
        () -> {
          action.run();
          synchronized (lock) {
            cancelled = true;
            lock.notifyAll();
          }
        });
  }

  private void changed() {
    synchronized (lock) {
      lock.notifyAll();
    }
  }

  /**
   * Waits until the client takes another message, and sends it.
   *
   * @throws SignalDbException CANCELLED if it has left or reads nothing
   */
  void send(M message) {
    try {
      awaitRoom();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cancelled("The server is stopping");
    }
    observer.onNext(message);
  }

  private void awaitRoom() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (lock) {
      while (!cancelled && !observer.isReady()) {
        long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        if (millis <= 0) {
          throw cancelled("The client read nothing for %d s".formatted(PATIENCE.toSeconds()));
        }
        lock.wait(millis);
      }
      if (cancelled) {
        throw cancelled("The client cancelled its call");
      }
    }
  }

  private static SignalDbException cancelled(String message) {
    return new SignalDbException(ErrorCode.CANCELLED, message);
  }
}
