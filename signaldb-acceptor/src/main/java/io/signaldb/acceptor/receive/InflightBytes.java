package io.signaldb.acceptor.receive;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** What the requests being worked on hold in memory, with a bound. Thread-safe. */
final class InflightBytes {
  private static final Duration RETRY_HINT = Duration.ofSeconds(1);

  private final long maxBytes;
  private final AtomicLong held = new AtomicLong();

  InflightBytes(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  long held() {
    return held.get();
  }

  /** What a request will hold; nothing yet. */
  Reservation open() {
    return new Reservation();
  }

  /** What one request holds; given back by the first close. */
  final class Reservation implements AutoCloseable {
    private final AtomicLong mine = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    private Reservation() {}

    /**
     * Adds to what the request holds.
     *
     * @throws SignalDbException RESOURCE_EXHAUSTED if the bound is reached; nothing was added
     */
    void add(long bytes) {
      if (held.addAndGet(bytes) > maxBytes) {
        held.addAndGet(-bytes);
        throw SignalDbException.retryLater(
            ErrorCode.RESOURCE_EXHAUSTED,
            "Requests being received hold more than %d bytes (acceptor.max_inflight_bytes); retry later"
                .formatted(maxBytes),
            RETRY_HINT);
      }
      mine.addAndGet(bytes);
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        held.addAndGet(-mine.get());
      }
    }
  }
}
