/** How services find each other: registration with heartbeats, and a registry of who is alive. */
@NullMarked
package io.signaldb.common.discovery;

import org.jspecify.annotations.NullMarked;
