/** The DataFusion runtime of a process. */
@NullMarked
package io.signaldb.common.engine;

import org.jspecify.annotations.NullMarked;
