package io.signaldb.common.discovery;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;

/**
 * A network address; text form {@code host:port}, with an IPv6 host in brackets.
 *
 * @param host name or address, an IPv6 one without brackets
 */
public record HostAndPort(String host, int port) {
  public HostAndPort {
    if (host.isBlank() || port < 0 || port > 65535) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid address '%s' port %d: expected a host and a port from 0 to 65535"
              .formatted(host, port));
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
