/** How a process is run: the command line, what its services share, registration, shutdown. */
@NullMarked
package io.signaldb.common.service;

import org.jspecify.annotations.NullMarked;
