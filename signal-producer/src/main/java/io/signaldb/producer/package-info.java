/**
 * Synthetic telemetry of an online shop, sent through the OpenTelemetry SDK as any application
 * would.
 *
 * <p>Sees only the wire: imports the OpenTelemetry SDK and picocli, nothing of SignalDB.
 */
@NullMarked
package io.signaldb.producer;

import org.jspecify.annotations.NullMarked;
