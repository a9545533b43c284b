/** The DataFusion runtime of a process. Imports common and datafusion. */
@NullMarked
package io.signaldb.engine;

import org.jspecify.annotations.NullMarked;
