package io.signaldb.acceptor.prometheus;

import com.google.protobuf.ByteString;

/**
 * A text of a request.
 *
 * @param text with U+FFFD for what is not UTF-8
 * @param isValid whether nothing had to be replaced
 * @param bytes that it has in a request
 */
record Text(String text, boolean isValid, int bytes) {
  static Text of(ByteString bytes) {
    return new Text(bytes.toStringUtf8(), bytes.isValidUtf8(), bytes.size());
  }
}
