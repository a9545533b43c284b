package io.signaldb.common.discovery;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network address; text form {@code host:port}, with an IPv6 host in brackets.
 *
 * @param host name or address, an IPv6 one without brackets
 */
public record HostAndPort(String host, int port) {
  private static final Pattern BRACKETED = Pattern.compile("\\[([^\\[\\]]+)](?::(\\d{1,5}))?");
  private static final Pattern PLAIN = Pattern.compile("([^:/\\[\\]\\s]+)(?::(\\d{1,5}))?");
  private static final Pattern BARE_IPV6 =
      Pattern.compile("([0-9A-Fa-f.]*(?::[0-9A-Fa-f.]*){2,})()");

  public HostAndPort {
    if (host.isBlank() || port < 0 || port > 65535) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid address '%s' port %d: expected a host and a port from 0 to 65535"
              .formatted(host, port));
    }
  }

  /**
   * Reads {@code host}, {@code host:port}, {@code [ipv6]}, {@code [ipv6]:port} or a bare IPv6
   * address.
   *
   * @param defaultPort for text without a port
   * @throws SignalDbException INVALID_ARGUMENT if the text is none of these
   */
  public static HostAndPort parse(String text, int defaultPort) {
    for (Pattern form : new Pattern[] {PLAIN, BRACKETED, BARE_IPV6}) {
      Matcher matcher = form.matcher(text);
      if (matcher.matches()) {
        String port = matcher.group(2);
        return new HostAndPort(
            matcher.group(1),
            port == null || port.isEmpty() ? defaultPort : Integer.parseInt(port));
      }
    }
    throw new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "Invalid address '%s': expected HOST, HOST:PORT or [IPV6]:PORT".formatted(text));
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
