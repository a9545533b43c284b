package io.signaldb.acceptor.otlp;

/**
 * Why a row was left out.
 *
 * @param kind rows of one kind are told together
 * @param message shows the value and what was expected
 */
record Rejection(String kind, String message) {}
