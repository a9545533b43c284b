package io.signaldb.common.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.SignalDbException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAndPortTest {
  @ParameterizedTest
  @CsvSource({
    "writer.local:50061, writer.local, 50061",
    "10.0.0.1, 10.0.0.1, 99",
    "[::1]:50061, ::1, 50061",
    "[fe80::1%eth0], fe80::1%eth0, 99",
    "2001:db8::5, 2001:db8::5, 99",
    "::, ::, 99"
  })
  void readsNamesAndAddressesOfBothKinds(String text, String host, int port) {
    assertThat(HostAndPort.parse(text, 99)).isEqualTo(new HostAndPort(host, port));
  }

  @Test
  void itsTextIsReadBack() {
    HostAndPort address = new HostAndPort("2001:db8::5", 50061);
    assertThat(address).hasToString("[2001:db8::5]:50061");
    assertThat(HostAndPort.parse(address.toString(), 0)).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "host:", "host:port", "host:70000", "http://host", "[::1", "a b"})
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> HostAndPort.parse(text, 99))
        .isInstanceOf(SignalDbException.class)
        .hasMessageContaining("expected");
  }
}
