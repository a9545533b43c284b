/**
 * Tempo's HTTP API: parameters to query tickets, Arrow answers to Tempo's JSON and protobuf. Field
 * names and numbers are in {@code tempo.proto}.
 */
@NullMarked
package io.signaldb.router.tempo;

import org.jspecify.annotations.NullMarked;
