/**
 * JMH benchmarks of the steps between a request and an answer; {@code benchmarks/jmh} runs them.
 */
@NullMarked
package io.signaldb.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
