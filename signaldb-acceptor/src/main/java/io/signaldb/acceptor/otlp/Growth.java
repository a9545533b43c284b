package io.signaldb.acceptor.otlp;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.util.Arrays;

/** How the arrays that are reused between batches grow. */
final class Growth {
  /** Arrays of a column larger than this many elements are not kept for the next batch. */
  static final int KEPT = 1 << 14;

  /** The same for texts, in bytes. */
  static final int KEPT_BYTES = 1 << 18;

  private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

  private Growth() {}

  static byte[] ensure(byte[] array, int length) {
    return length <= array.length ? array : Arrays.copyOf(array, grown(array.length, length));
  }

  static int[] ensure(int[] array, int length) {
    return length <= array.length ? array : Arrays.copyOf(array, grown(array.length, length));
  }

  static long[] ensure(long[] array, int length) {
    return length <= array.length ? array : Arrays.copyOf(array, grown(array.length, length));
  }

  /**
   * The sum of two sizes.
   *
   * @throws SignalDbException TOO_LARGE past the largest array
   */
  static int add(int size, int more) {
    int sum = size + more;
    if (sum < 0 || sum > MAX_LENGTH) {
      throw new SignalDbException(
          ErrorCode.TOO_LARGE,
          "The request makes a batch of more than 2 GiB; send less in a request");
    }
    return sum;
  }

  private static int grown(int length, int needed) {
    return (int) Math.min(MAX_LENGTH, Math.max(needed, 2L * length));
  }
}
