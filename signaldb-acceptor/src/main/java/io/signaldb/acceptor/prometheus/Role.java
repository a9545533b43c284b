package io.signaldb.acceptor.prometheus;

import io.signaldb.acceptor.prometheus.proto.MetricType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the float samples of a series are in their metric family.
 *
 * @param family name of the family
 * @param type of the family, told or known by the shape of the series; null if neither
 * @param metadata what the sender told
 * @param bound of a bucket, or which quantile; else unused
 */
record Role(
    Part part, String family, @Nullable MetricType type, FamilyMetadata metadata, double bound) {
  static final String LE = "le";
  static final String QUANTILE = "quantile";

  /** Parts of a family that OTLP has in one data point, and all else. */
  enum Part {
    VALUE,
    BUCKET,
    COUNT,
    SUM,
    QUANTILE,
    CREATED
  }

  private static final Set<MetricType> HISTOGRAMS =
      EnumSet.of(MetricType.HISTOGRAM, MetricType.GAUGEHISTOGRAM);
  private static final Set<MetricType> COMPOSITES =
      EnumSet.of(MetricType.HISTOGRAM, MetricType.GAUGEHISTOGRAM, MetricType.SUMMARY);
  private static final Set<MetricType> CREATED_TYPES =
      EnumSet.of(MetricType.COUNTER, MetricType.HISTOGRAM, MetricType.SUMMARY);

  /** What the end of a name says, and the types of families it may belong to. */
  private enum Suffix {
    TOTAL("_total", Part.VALUE, EnumSet.of(MetricType.COUNTER)),
    BUCKET("_bucket", Part.BUCKET, HISTOGRAMS),
    COUNT("_count", Part.COUNT, COMPOSITES),
    SUM("_sum", Part.SUM, COMPOSITES),
    GCOUNT("_gcount", Part.COUNT, EnumSet.of(MetricType.GAUGEHISTOGRAM)),
    GSUM("_gsum", Part.SUM, EnumSet.of(MetricType.GAUGEHISTOGRAM)),
    CREATED("_created", Part.CREATED, CREATED_TYPES),
    INFO("_info", Part.VALUE, EnumSet.of(MetricType.INFO)),
    NONE("", Part.VALUE, EnumSet.noneOf(MetricType.class));

    private final String text;
    private final Part part;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Set<MetricType> types;

    Suffix(String text, Part part, Set<MetricType> types) {
      this.text = text;
      this.part = part;
      this.types = types;
    }

    static Suffix of(String name) {
      return Arrays.stream(values())
          .filter(suffix -> name.endsWith(suffix.text) && name.length() > suffix.text.length())
          .findFirst()
          .orElse(NONE);
    }

    String base(String name) {
      return name.substring(0, name.length() - text.length());
    }
  }

  /**
   * Finds the role of a series.
   *
   * @param own what the series itself carries
   * @param told metadata of a family by its name, null if none is known
   * @param siblings the parts that series of the same base name and attributes in the request have
   */
  static Role of(
      String name,
      Labels labels,
      FamilyMetadata own,
      Function<String, @Nullable FamilyMetadata> told,
      Supplier<Set<Part>> siblings) {
    Suffix suffix = Suffix.of(name);
    String base = suffix.base(name);
    FamilyMetadata metadata = own.equals(FamilyMetadata.NONE) ? find(name, suffix, told) : own;
    MetricType type = metadata.type();
    double le = number(labels.find(LE));
    double quantile = number(labels.find(QUANTILE));
    boolean isQuantile = quantile >= 0 && quantile <= 1;
    if (type == null) {
      type =
          switch (suffix) {
            case TOTAL -> MetricType.COUNTER;
            case INFO -> MetricType.INFO;
            case BUCKET -> isBound(le) ? MetricType.HISTOGRAM : null;
            case COUNT, SUM -> composite(siblings.get());
            case NONE ->
                isQuantile && siblings.get().containsAll(EnumSet.of(Part.COUNT, Part.SUM))
                    ? MetricType.SUMMARY
                    : null;
            case CREATED, GCOUNT, GSUM -> null;
          };
      if (suffix == Suffix.CREATED) {
        return new Role(Part.CREATED, base, null, metadata, 0);
      }
    }
    if (type != null && suffix.types.contains(type)) {
      if (suffix.part == Part.BUCKET && isBound(le)) {
        return new Role(Part.BUCKET, base, type, metadata, le);
      }
      if (suffix == Suffix.TOTAL
          || suffix.part == Part.COUNT
          || suffix.part == Part.SUM
          || suffix.part == Part.CREATED) {
        return new Role(suffix.part, base, type, metadata, 0);
      }
    }
    return type == MetricType.SUMMARY && isQuantile
        ? new Role(Part.QUANTILE, name, type, metadata, quantile)
        : new Role(Part.VALUE, name, type, metadata, 0);
  }

  /** The part a series would be if its family had all of them, and the family's name. */
  static Role assumed(String name, Labels labels) {
    Suffix suffix = Suffix.of(name);
    boolean bucket = suffix == Suffix.BUCKET && isBound(number(labels.find(LE)));
    boolean quantile = suffix == Suffix.NONE && labels.find(QUANTILE) != null;
    boolean part = bucket || suffix == Suffix.COUNT || suffix == Suffix.SUM;
    return new Role(
        quantile ? Part.QUANTILE : part ? suffix.part : Part.VALUE,
        part ? suffix.base(name) : name,
        null,
        FamilyMetadata.NONE,
        0);
  }

  /** The label that tells parts of a kind apart and is no attribute of the whole; empty if none. */
  String partLabel() {
    return switch (part) {
      case BUCKET -> LE;
      case QUANTILE -> QUANTILE;
      case VALUE, COUNT, SUM, CREATED -> "";
    };
  }

  /** Whether the series is a histogram by itself, without parts. */
  boolean isNative() {
    return part == Part.VALUE && isHistogram();
  }

  boolean isHistogram() {
    return type != null && HISTOGRAMS.contains(type);
  }

  private static FamilyMetadata find(
      String name, Suffix suffix, Function<String, @Nullable FamilyMetadata> told) {
    FamilyMetadata exact = told.apply(name);
    if (exact != null) {
      return exact;
    }
    FamilyMetadata family = suffix == Suffix.NONE ? null : told.apply(suffix.base(name));
    return family != null && family.type() != null && suffix.types.contains(family.type())
        ? family
        : FamilyMetadata.NONE;
  }

  private static @Nullable MetricType composite(Set<Part> siblings) {
    if (siblings.contains(Part.BUCKET)) {
      return MetricType.HISTOGRAM;
    }
    if (siblings.contains(Part.COUNT) && siblings.contains(Part.SUM)) {
      return siblings.contains(Part.QUANTILE) ? MetricType.SUMMARY : MetricType.HISTOGRAM;
    }
    return null;
  }

  private static boolean isBound(double le) {
    return !Double.isNaN(le) && le != Double.NEGATIVE_INFINITY;
  }

  /** NaN if it is none. */
  private static double number(@Nullable String text) {
    if (text == null) {
      return Double.NaN;
    }
    if (text.equals("+Inf")) {
      return Double.POSITIVE_INFINITY;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN; // a label like any other then
    }
  }
}
