package io.signaldb.acceptor.prometheus;

import java.time.Duration;

/**
 * What a request may hold to be stored.
 *
 * @param maxFuture how far a sample may lie ahead of the clock
 * @param maxPast how far a sample may lie behind the clock
 * @param maxValueBytes longest value of a label in UTF-8
 * @param maxBytes of a request as it would be if each series held its own texts: references make it
 *     small on the wire, not in the tables
 */
public record RemoteWriteLimits(
    Duration maxFuture, Duration maxPast, long maxValueBytes, long maxBytes) {
  /** Bytes that are reckoned for a bucket, an empty one between spans too. */
  private static final int BUCKET_BYTES = 16;

  /** Of all native histograms of a request. */
  long maxBuckets() {
    return maxBytes / BUCKET_BYTES;
  }
}
