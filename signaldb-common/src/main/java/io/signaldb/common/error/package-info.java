/**
 * One exception and one table of statuses for all edges: HTTP, gRPC and Flight. Imports nothing of
 * ours.
 */
@NullMarked
package io.signaldb.common.error;

import org.jspecify.annotations.NullMarked;
