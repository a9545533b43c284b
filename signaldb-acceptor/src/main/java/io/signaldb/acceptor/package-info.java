/** The Acceptor as a service: its main and wiring. */
@NullMarked
package io.signaldb.acceptor;

import org.jspecify.annotations.NullMarked;
