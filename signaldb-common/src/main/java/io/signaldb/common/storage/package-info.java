/** Where each dataset's files are kept, from storage DSNs and their overrides. */
@NullMarked
package io.signaldb.common.storage;

import org.jspecify.annotations.NullMarked;
