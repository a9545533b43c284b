/**
 * Hands batches to the Writers: one long-lived Flight stream each, answers matched by batch id, or
 * a call if the Writer is one of this process. Knows nothing of OTLP. Imports {@code common}.
 */
@NullMarked
package io.signaldb.acceptor.forward;

import org.jspecify.annotations.NullMarked;
