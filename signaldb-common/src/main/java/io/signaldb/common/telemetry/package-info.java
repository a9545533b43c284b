/** Logging and metrics of the process. Imports {@code error} at most. */
@NullMarked
package io.signaldb.common.telemetry;

import org.jspecify.annotations.NullMarked;
