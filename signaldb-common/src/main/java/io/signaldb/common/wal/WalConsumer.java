package io.signaldb.common.wal;

/** Takes the entries of a replay, in order of their positions. */
@FunctionalInterface
public interface WalConsumer {
  /**
   * Takes one entry; an exception ends the replay and reaches its caller.
   *
   * @param entry its payload is borrowed: valid until this call returns
   */
  void accept(WalEntry entry);
}
