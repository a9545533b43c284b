package io.signaldb.common.flight;

import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.auth.Caller;
import io.signaldb.common.auth.Credentials;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.lifecycle.Component;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The Writers of this process, by the address they are registered under: a batch for one of them
 * need not go through the network. Thread-safe.
 */
public final class LocalWriters {
  private final Authenticator authenticator;
  private final Map<HostAndPort, Intake> intakes = new ConcurrentHashMap<>();

  /** Takes batches, as the long-lived {@code do_put} of a Writer does. Thread-safe. */
  @FunctionalInterface
  public interface Intake {
    /**
     * Stores one batch.
     *
     * @param batch must not change until the future completes
     * @return completes when the rows are on disk and visible, or with a {@link
     *     io.signaldb.common.error.SignalDbException} when they are neither; dependent actions must
     *     not block
     */
    CompletableFuture<Void> put(Caller caller, WriteBatch batch);
  }

  /** One authenticated caller and the Writer it calls. */
  @FunctionalInterface
  public interface Connection {
    /** See {@link Intake#put}. */
    CompletableFuture<Void> put(WriteBatch batch);
  }

  public LocalWriters(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  /** Lets batches be handed to {@code intake} from start, when the address is known, to close. */
  public Component announce(Supplier<HostAndPort> address, Intake intake) {
    return new Component() {
      @Override
      public void start() {
        intakes.put(address.get(), intake);
      }

      @Override
      public void close() {
        intakes.values().remove(intake);
      }
    };
  }

  /**
   * Calls the Writer at an address, if it is one of this process.
   *
   * @throws io.signaldb.common.error.SignalDbException as for a call over Flight: UNAUTHENTICATED,
   *     PERMISSION_DENIED
   */
  public Optional<Connection> connect(HostAndPort address, Credentials credentials) {
    Intake intake = intakes.get(address);
    if (intake == null) {
      return Optional.empty();
    }
    Caller caller = authenticator.authenticateCaller(credentials);
    return Optional.of(batch -> intake.put(caller, batch));
  }
}
