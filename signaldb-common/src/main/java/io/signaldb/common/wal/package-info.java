/**
 * The write-ahead log: what a service has acknowledged and not yet passed on, on disk, one log per
 * tenant, dataset and signal. It stores opaque payloads and knows nothing of Arrow or Flight.
 * Imports {@code error}, {@code lifecycle} and {@code tenant}.
 */
@NullMarked
package io.signaldb.common.wal;

import org.jspecify.annotations.NullMarked;
