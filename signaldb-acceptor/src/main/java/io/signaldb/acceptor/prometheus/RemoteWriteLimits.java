package io.signaldb.acceptor.prometheus;

import java.time.Duration;

/**
 * What a request may hold to be stored.
 *
 * @param maxFuture how far a sample may lie ahead of the clock
 * @param maxPast how far a sample may lie behind the clock
 * @param maxValueBytes longest value of a label in UTF-8
 * @param maxBuckets of the native histograms of one request, with the empty ones between spans
 */
public record RemoteWriteLimits(
    Duration maxFuture, Duration maxPast, long maxValueBytes, long maxBuckets) {}
