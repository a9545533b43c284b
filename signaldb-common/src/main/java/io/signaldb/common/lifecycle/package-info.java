/**
 * Components: parts of a process that start in order and close in reverse. Imports nothing of ours.
 */
@NullMarked
package io.signaldb.common.lifecycle;

import org.jspecify.annotations.NullMarked;
