/** How a process is put together: components with a life cycle, and the runner of a main. */
@NullMarked
package io.signaldb.common.service;

import org.jspecify.annotations.NullMarked;
