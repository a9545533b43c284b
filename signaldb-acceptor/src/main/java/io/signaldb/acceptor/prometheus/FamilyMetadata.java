package io.signaldb.acceptor.prometheus;

import io.signaldb.acceptor.prometheus.proto.MetricType;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a sender says about a metric family.
 *
 * @param type null if it says nothing
 * @param help empty if there is none
 * @param unit as OpenMetrics writes it: {@code seconds}; empty if there is none
 */
record FamilyMetadata(@Nullable MetricType type, String help, String unit) {
  static final FamilyMetadata NONE = new FamilyMetadata(null, "", "");

  /** OpenMetrics units and their UCUM codes, as OpenTelemetry's compatibility document has them. */
  private static final Map<String, String> UCUM =
      Map.ofEntries(
          Map.entry("days", "d"),
          Map.entry("hours", "h"),
          Map.entry("minutes", "min"),
          Map.entry("seconds", "s"),
          Map.entry("milliseconds", "ms"),
          Map.entry("microseconds", "us"),
          Map.entry("nanoseconds", "ns"),
          Map.entry("bytes", "By"),
          Map.entry("kibibytes", "KiBy"),
          Map.entry("mebibytes", "MiBy"),
          Map.entry("gibibytes", "GiBy"),
          Map.entry("tebibytes", "TiBy"),
          Map.entry("kilobytes", "kBy"),
          Map.entry("megabytes", "MBy"),
          Map.entry("gigabytes", "GBy"),
          Map.entry("terabytes", "TBy"),
          Map.entry("meters", "m"),
          Map.entry("volts", "V"),
          Map.entry("amperes", "A"),
          Map.entry("joules", "J"),
          Map.entry("watts", "W"),
          Map.entry("grams", "g"),
          Map.entry("celsius", "Cel"),
          Map.entry("hertz", "Hz"),
          Map.entry("percent", "%"));

  /** The unit in UCUM where the word is known, else the word. */
  String ucum() {
    return UCUM.getOrDefault(unit, unit);
  }

  /** The type as Prometheus spells it, or null. */
  @Nullable String typeName() {
    return type == null ? null : type.name().toLowerCase(Locale.ROOT);
  }

  /** The type, or null if it is one of a later Prometheus. */
  static @Nullable MetricType known(MetricType type) {
    return type == MetricType.UNRECOGNIZED ? null : type;
  }

  /** The type of a name Prometheus uses, or null. */
  static @Nullable MetricType typeNamed(String name) {
    for (MetricType type : MetricType.values()) {
      if (type != MetricType.UNRECOGNIZED && type.name().toLowerCase(Locale.ROOT).equals(name)) {
        return type;
      }
    }
    return null;
  }
}
