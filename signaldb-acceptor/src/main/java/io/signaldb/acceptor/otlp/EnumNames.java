package io.signaldb.acceptor.otlp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Stored texts of OTLP enums, by number; a number OTLP does not define has the text of 0. */
final class EnumNames {
  static final EnumNames SPAN_KIND =
      new EnumNames("Internal", "Internal", "Server", "Client", "Producer", "Consumer");
  static final EnumNames TEMPORALITY = new EnumNames("Unspecified", "Delta", "Cumulative");
  static final EnumNames STATUS_CODE = new EnumNames("Unspecified", "Ok", "Error");

  private final byte[][] names;

  private EnumNames(String... names) {
    this.names =
        Arrays.stream(names)
            .map(name -> name.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
  }

  byte[] of(int number) {
    return names[number < 0 || number >= names.length ? 0 : number];
  }
}
