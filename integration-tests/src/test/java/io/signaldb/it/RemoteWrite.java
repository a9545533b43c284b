package io.signaldb.it;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.airlift.compress.snappy.SnappyCompressor;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What a Prometheus server sends. */
final class RemoteWrite {
  static final String V1 = "application/x-protobuf";
  static final String V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

  private RemoteWrite() {}

  static Http.Reply send(
      SignalDbProcess server, Map<String, String> headers, String type, MessageLite request) {
    return send(server, headers, type, snappy(request.toByteArray()));
  }

  /** Sends {@code body} as it is. */
  static Http.Reply send(
      SignalDbProcess server, Map<String, String> headers, String type, byte[] body) {
    Map<String, String> all = new HashMap<>(headers);
    all.put("content-type", type);
    all.put("content-encoding", "snappy");
    return Http.post(server.otlpHttp().resolve("/api/v1/write"), body, all);
  }

  static WriteRequest.Label label(String name, String value) {
    return WriteRequest.Label.newBuilder()
        .setName(ByteString.copyFromUtf8(name))
        .setValue(ByteString.copyFromUtf8(value))
        .build();
  }

  static byte[] snappy(byte[] message) {
    SnappyCompressor compressor = new SnappyCompressor();
    byte[] packed = new byte[compressor.maxCompressedLength(message.length)];
    int length = compressor.compress(message, 0, message.length, packed, 0, packed.length);
    return Arrays.copyOf(packed, length);
  }
}
