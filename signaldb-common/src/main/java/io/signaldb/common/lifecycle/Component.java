package io.signaldb.common.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A part of a running service: inert after construction; acquires ports, files and threads in
 * {@link #start} and releases them in {@link #close}.
 */
public interface Component extends AutoCloseable {
  /** Acquires what the component needs; on failure releases what it took and throws. */
  default void start() throws Exception {}

  /** Releases everything {@link #start} acquired; may be called twice and before start. */
  @Override
  void close();

  /**
   * The parts as one component: started in order, closed in reverse. A failed start closes the
   * parts that had started; later failures are suppressed into the first.
   */
  static Component sequence(Component... parts) {
    return new Sequence(List.of(parts));
  }

  /** See {@link Component#sequence}. Not thread-safe: one thread starts and closes. */
  final class Sequence implements Component {
    private final List<Component> parts;
    private final Deque<Component> started = new ArrayDeque<>();

    private Sequence(List<Component> parts) {
      this.parts = parts;
    }

    @Override
    public void start() throws Exception {
      try {
        for (Component part : parts) {
          started.push(part);
          part.start();
        }
      } catch (Exception | Error e) {
        try {
          close();
        } catch (RuntimeException closing) {
          e.addSuppressed(closing);
        }
        throw e;
      }
    }

    @Override
    public void close() {
      RuntimeException failure = null;
      while (!started.isEmpty()) {
        try {
          started.pop().close();
        } catch (RuntimeException e) {
          if (failure == null) {
            failure = e;
          } else {
            failure.addSuppressed(e);
          }
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }
}
