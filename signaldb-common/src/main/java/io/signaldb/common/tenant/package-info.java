/**
 * Who a request belongs to: tenants, datasets, and the rules for their names. Imports {@code
 * error}.
 */
@NullMarked
package io.signaldb.common.tenant;

import org.jspecify.annotations.NullMarked;
