package io.signaldb.acceptor.prometheus;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.signaldb.acceptor.prometheus.Labels.Label;
import io.signaldb.acceptor.prometheus.MetricKey.Data;
import io.signaldb.acceptor.prometheus.Origin.Target;
import io.signaldb.acceptor.prometheus.Role.Part;
import io.signaldb.acceptor.prometheus.proto.Histogram;
import io.signaldb.acceptor.prometheus.proto.MetricType;
import io.signaldb.acceptor.prometheus.proto.Sample;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to OTLP: first its series are put together, then their samples become
 * points, and what several series say of one moment becomes one point; last, exemplars find theirs.
 */
final class RequestMapping {
  private static final Tally ONE_SAMPLE = new Tally(1, 0, 0);
  private static final Tally ONE_HISTOGRAM = new Tally(0, 1, 0);

  /** A family with the attributes its parts share. */
  private record Whole(Origin origin, String family, Labels attributes) {}

  /** One kind of a family at one moment. */
  private record Moment(Whole whole, MetricKey metric, long timeMillis, long startMillis) {}

  private final RemoteWriteLimits limits;
  private final long nowMillis;
  private final Refusals refusals;
  private final Function<String, @Nullable FamilyMetadata> told;
  private final NativeHistograms natives;
  private final MetricsBuilder metrics = new MetricsBuilder();

  private final Map<Labels, PlacedSeries> seriesByLabels = new LinkedHashMap<>();
  private final Map<Whole, Set<Part>> siblings = new HashMap<>();
  private final Map<Moment, List<Composite>> composites = new LinkedHashMap<>();
  private final List<FloatSample> created = new ArrayList<>();

  /** Points that a sample of {@code _created} can be about. */
  private final Map<Whole, List<Point>> wholes = new HashMap<>();

  RequestMapping(
      RemoteWriteLimits limits,
      long nowMillis,
      Refusals refusals,
      Function<String, @Nullable FamilyMetadata> told) {
    this.limits = limits;
    this.nowMillis = nowMillis;
    this.refusals = refusals;
    this.told = told;
    this.natives = new NativeHistograms(limits.maxBuckets());
  }

  /** Takes the series, those with the same labels as one. */
  void place(List<Series> request) {
    for (Series given : request) {
      Label tooLong = tooLong(given.labels());
      if (tooLong != null) {
        refusals.add(
            new Tally(given.samples().size(), given.histograms().size(), given.exemplars().size()),
            "series %s has a value of %d bytes for label '%s', expected at most %d"
                .formatted(
                    given.labels(),
                    bytes(tooLong.value()),
                    tooLong.name(),
                    limits.maxValueBytes()));
        continue;
      }
      seriesByLabels.computeIfAbsent(given.labels(), PlacedSeries::new).add(given);
    }
    for (PlacedSeries series : seriesByLabels.values()) {
      Role assumed = Role.assumed(series.name(), series.labels());
      if (assumed.part() != Part.VALUE) {
        siblings
            .computeIfAbsent(whole(series, assumed), key -> EnumSet.noneOf(Part.class))
            .add(assumed.part());
      }
    }
  }

  Collection<PlacedSeries> series() {
    return seriesByLabels.values();
  }

  /** Makes the points of all series. */
  void mapAll() {
    Map<PlacedSeries, Role> roles = new LinkedHashMap<>();
    for (PlacedSeries series : seriesByLabels.values()) {
      Role role = role(series);
      roles.put(series, role);
      for (Sample sample : series.samples()) {
        if (isInTime(series, ONE_SAMPLE, sample.getTimestamp(), sample.getStartTimestamp())) {
          sort(new FloatSample(series, role, sample));
        }
      }
      for (Histogram histogram : series.histograms()) {
        if (isInTime(
            series, ONE_HISTOGRAM, histogram.getTimestamp(), histogram.getStartTimestamp())) {
          addNative(series, role, histogram);
        }
      }
    }
    composites.forEach((moment, parts) -> parts.forEach(part -> addComposite(moment, part)));
    created.forEach(this::startPoints);
    roles.forEach(this::addExemplars);
  }

  /**
   * Builds the result.
   *
   * @param received everything in the request
   */
  MappedWrite build(Tally received, Function<Target, @Nullable Labels> infos) {
    return new MappedWrite(metrics.build(infos), metrics.held(), received, refusals);
  }

  private Role role(PlacedSeries series) {
    return Role.of(
        series.name(),
        series.labels(),
        series.metadata(),
        told,
        () ->
            siblings.getOrDefault(
                whole(series, Role.assumed(series.name(), series.labels())), Set.of()));
  }

  private void sort(FloatSample sample) {
    switch (sample.role().part()) {
      case VALUE -> addValue(sample);
      case CREATED -> created.add(sample);
      case BUCKET, COUNT, SUM, QUANTILE -> {
        Role role = sample.role();
        Data data = role.isHistogram() ? Data.HISTOGRAM : Data.SUMMARY;
        Moment moment =
            new Moment(
                whole(sample.series(), role),
                new MetricKey(role.family(), data, role.metadata()),
                sample.sample().getTimestamp(),
                sample.sample().getStartTimestamp());
        List<Composite> parts = composites.computeIfAbsent(moment, key -> new ArrayList<>(1));
        for (Composite composite : parts) {
          if (composite.offer(sample)) {
            return;
          }
        }
        Composite another = new Composite(role.isHistogram());
        another.offer(sample);
        parts.add(another);
      }
    }
  }

  private void addComposite(Moment moment, Composite composite) {
    List<FloatSample> leftOver = new ArrayList<>();
    Point point = composite.toPoint(leftOver);
    if (point != null) {
      Whole whole = moment.whole();
      metrics.add(
          whole.origin(),
          moment.metric(),
          whole.attributes(),
          point,
          new Tally(composite.samples().size(), 0, 0));
      wholes.computeIfAbsent(whole, key -> new ArrayList<>()).add(point);
      composite.samples().forEach(sample -> sample.series().heldBy(point));
    }
    leftOver.forEach(this::addAlone);
  }

  /** The end of a native histogram comes as a float too. */
  private void addValue(FloatSample sample) {
    if (sample.isStale() && sample.role().isNative()) {
      addValueless(sample.series(), sample.role(), sample.sample().getTimestamp(), ONE_SAMPLE);
    } else {
      addAlone(sample);
    }
  }

  /** A sample as a point of its own, under the name of its series. */
  private void addAlone(FloatSample sample) {
    Role role = sample.role();
    Point point = sample.toPoint();
    PlacedSeries series = sample.series();
    metrics.add(series.origin(), alone(series, role), series.attributes(), point, ONE_SAMPLE);
    series.heldBy(point);
    if (role.type() == MetricType.COUNTER && role.part() == Part.VALUE) {
      wholes.computeIfAbsent(whole(series, role), key -> new ArrayList<>()).add(point);
    }
  }

  private static MetricKey alone(PlacedSeries series, Role role) {
    String name = series.name();
    MetricType type = role.type();
    Data data = Data.GAUGE;
    if (type == MetricType.COUNTER && role.part() == Part.VALUE) {
      String family = role.family();
      return new MetricKey(family, Data.COUNTER, role.metadata(), family.equals(name) ? "" : name);
    } else if (type == MetricType.INFO || type == MetricType.STATESET) {
      data = Data.SUM;
    } else if (type == MetricType.HISTOGRAM || type == MetricType.SUMMARY) {
      data =
          switch (role.part()) {
            case BUCKET, COUNT -> Data.COUNTER;
            case SUM -> Data.SUM; // negative observations make it fall
            case VALUE, QUANTILE, CREATED -> Data.GAUGE;
          };
    }
    return new MetricKey(name, data, role.metadata());
  }

  /**
   * A time in seconds becomes the start of the points it is about; a sample of its own otherwise.
   */
  private void startPoints(FloatSample sample) {
    List<Point> about =
        wholes.getOrDefault(whole(sample.series(), sample.role()), List.of()).stream()
            .filter(point -> point.timeUnixNano() == sample.timeUnixNano())
            .filter(point -> sample.isStale() != point.hasRecordedValue())
            .filter(point -> point.startTimeUnixNano() == 0)
            .toList();
    boolean isTime = sample.value() > 0 && sample.value() * 1000 <= sample.sample().getTimestamp();
    if (about.isEmpty() || !(isTime || sample.isStale())) {
      addAlone(sample);
    } else if (isTime) {
      about.forEach(point -> point.startAt(Times.unixNanos(sample.value())));
    }
  }

  private void addNative(PlacedSeries series, Role role, Histogram histogram) {
    Point point;
    try {
      point = natives.toPoint(histogram);
    } catch (RefusedException e) {
      refusals.add(
          ONE_HISTOGRAM,
          "histogram of series %s at %d: %s"
              .formatted(series.labels(), histogram.getTimestamp(), e.why()));
      return;
    }
    FamilyMetadata family = role.metadata();
    if (family.type() == null && histogram.getResetHint() == Histogram.ResetHint.RESET_GAUGE) {
      family = new FamilyMetadata(MetricType.GAUGEHISTOGRAM, family.help(), family.unit());
    }
    Data data = point instanceof Point.Explicit ? Data.HISTOGRAM : Data.EXPONENTIAL_HISTOGRAM;
    metrics.add(
        series.origin(),
        new MetricKey(series.name(), data, family),
        series.attributes(),
        point,
        ONE_HISTOGRAM);
    series.heldBy(point);
  }

  /**
   * Senders put exemplars into series of their own, and not always into the request that has the
   * samples. Those that find no point get one that says nothing else.
   */
  private void addExemplars(PlacedSeries series, Role role) {
    for (SeriesExemplar exemplar : series.exemplars()) {
      Label tooLong = tooLong(exemplar.labels());
      if (tooLong != null) {
        refusals.add(
            SeriesLabels.ONE_EXEMPLAR,
            "exemplar of series %s has a value of %d bytes for label '%s', expected at most %d"
                .formatted(
                    series.labels(),
                    bytes(tooLong.value()),
                    tooLong.name(),
                    limits.maxValueBytes()));
        continue;
      }
      long millis = exemplar.timestampMillis();
      boolean held =
          pointAt(Times.unixNanos(millis), holders(series, role))
              .map(point -> point.add(exemplar.toOtlp()))
              .orElse(false);
      if (!held
          && isInTime(series, SeriesLabels.ONE_EXEMPLAR, millis == 0 ? nowMillis : millis, 0)) {
        addValueless(series, role, millis == 0 ? nowMillis : millis, Tally.NONE)
            .add(exemplar.toOtlp());
      }
    }
  }

  /** Points of the series; those of its histogram if its own bucket is not in the request. */
  private List<Point> holders(PlacedSeries series, Role role) {
    return series.points().isEmpty() && role.part() == Part.BUCKET
        ? wholes.getOrDefault(whole(series, role), List.of())
        : series.points();
  }

  /** The first that is not before an exemplar's time, or the last of all. */
  private static Optional<Point> pointAt(long unixNano, List<Point> points) {
    Comparator<Point> byTime = Comparator.comparingLong(Point::timeUnixNano);
    return points.stream()
        .filter(point -> point.timeUnixNano() >= unixNano)
        .min(byTime)
        .or(() -> points.stream().max(byTime));
  }

  /** Adds a point without a value where the values of a series would be. */
  private Point addValueless(PlacedSeries series, Role role, long millis, Tally held) {
    long nanos = Times.unixNanos(millis);
    Labels attributes = series.attributes();
    Point point;
    MetricKey metric;
    if (role.part() == Part.BUCKET) {
      point =
          new Point.Explicit(
              HistogramDataPoint.newBuilder()
                  .setTimeUnixNano(nanos)
                  .setFlags(Point.NO_RECORDED_VALUE));
      metric = new MetricKey(role.family(), Data.HISTOGRAM, role.metadata());
      attributes = attributes.without(role.partLabel());
      wholes.computeIfAbsent(whole(series, role), key -> new ArrayList<>()).add(point);
    } else if (role.isNative()) {
      point =
          new Point.Exponential(
              ExponentialHistogramDataPoint.newBuilder()
                  .setTimeUnixNano(nanos)
                  .setFlags(Point.NO_RECORDED_VALUE));
      metric = new MetricKey(series.name(), Data.EXPONENTIAL_HISTOGRAM, role.metadata());
    } else {
      point =
          new Point.Scalar(
              NumberDataPoint.newBuilder()
                  .setTimeUnixNano(nanos)
                  .setFlags(Point.NO_RECORDED_VALUE));
      metric = alone(series, role);
    }
    metrics.add(series.origin(), metric, attributes, point, held);
    series.heldBy(point);
    return point;
  }

  private static Whole whole(PlacedSeries series, Role role) {
    return new Whole(series.origin(), role.family(), series.attributes().without(role.partLabel()));
  }

  /** Checks times; a refusal is noted. */
  private boolean isInTime(PlacedSeries series, Tally what, long millis, long startMillis) {
    String problem = null;
    if (millis < 0 || millis < nowMillis - limits.maxPast().toMillis()) {
      problem = outside(millis, limits.maxPast(), "before");
    } else if (millis > nowMillis + limits.maxFuture().toMillis()
        || !Times.isRepresentable(millis)) {
      problem = outside(millis, limits.maxFuture(), "after");
    } else if (startMillis < 0 || startMillis > millis) {
      problem =
          "has start_timestamp %d, expected 0 to its timestamp %d".formatted(startMillis, millis);
    }
    if (problem != null) {
      refusals.add(what, "series %s %s".formatted(series.labels(), problem));
    }
    return problem == null;
  }

  private String outside(long millis, Duration bound, String side) {
    return "has timestamp %d, more than %s %s now (%d)".formatted(millis, bound, side, nowMillis);
  }

  private @Nullable Label tooLong(Labels labels) {
    for (Label label : labels.sorted()) {
      // A char takes at most three bytes of UTF-8, so most values need not be counted.
      if (label.value().length() * 3L > limits.maxValueBytes()
          && bytes(label.value()) > limits.maxValueBytes()) {
        return label;
      }
    }
    return null;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
