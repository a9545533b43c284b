/**
 * Prometheus remote write: the bodies of both versions in, OTLP metrics out. Knows no HTTP. Imports
 * {@code common.error}, {@code common.tenant}.
 */
@NullMarked
package io.signaldb.acceptor.prometheus;

import org.jspecify.annotations.NullMarked;
