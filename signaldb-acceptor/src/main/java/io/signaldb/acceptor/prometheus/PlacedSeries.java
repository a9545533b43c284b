package io.signaldb.acceptor.prometheus;

import io.signaldb.acceptor.prometheus.Labels.Label;
import io.signaldb.acceptor.prometheus.proto.Histogram;
import io.signaldb.acceptor.prometheus.proto.MetricType;
import io.signaldb.acceptor.prometheus.proto.Sample;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a request has of one series, which may stand in it several times, and the points that
 * hold its samples.
 */
final class PlacedSeries {
  /** Labels that Prometheus adds when it is told to: type-and-unit-labels. */
  private static final String TYPE = "__type__";

  private static final String UNIT = "__unit__";

  private final Labels labels;
  private final Origin origin;
  private final Labels attributes;
  private final List<Sample> samples = new ArrayList<>();
  private final List<Histogram> histograms = new ArrayList<>();
  private final List<SeriesExemplar> exemplars = new ArrayList<>();
  private final List<Point> points = new ArrayList<>();
  private FamilyMetadata metadata = FamilyMetadata.NONE;

  PlacedSeries(Labels labels) {
    this.labels = labels;
    this.origin = Origin.of(labels);
    MetricType type = type(labels);
    String unit = labels.find(UNIT);
    if (type != null) {
      metadata = new FamilyMetadata(type, "", unit == null ? "" : unit);
    }
    this.attributes =
        labels.where(
            label ->
                !label.name().equals(Labels.METRIC_NAME)
                    && !Origin.isOrigin(label)
                    && !(type != null && isTypeOrUnit(label)));
  }

  void add(Series series) {
    samples.addAll(series.samples());
    histograms.addAll(series.histograms());
    exemplars.addAll(series.exemplars());
    if (!series.metadata().equals(FamilyMetadata.NONE)) {
      metadata = series.metadata();
    }
  }

  /** Remembers a point that holds a sample of this series. */
  void heldBy(Point point) {
    points.add(point);
  }

  /** Each point that holds a sample of this series. */
  List<Point> points() {
    return points;
  }

  String name() {
    String name = labels.find(Labels.METRIC_NAME);
    return name == null ? "" : name;
  }

  /** All labels. */
  Labels labels() {
    return labels;
  }

  Origin origin() {
    return origin;
  }

  /** Labels that are attributes of its points, those of parts of a whole included. */
  Labels attributes() {
    return attributes;
  }

  /** What the series itself carries. */
  FamilyMetadata metadata() {
    return metadata;
  }

  List<Sample> samples() {
    return samples;
  }

  List<Histogram> histograms() {
    return histograms;
  }

  List<SeriesExemplar> exemplars() {
    return exemplars;
  }

  private static @Nullable MetricType type(Labels labels) {
    String type = labels.find(TYPE);
    return type == null ? null : FamilyMetadata.typeNamed(type);
  }

  private static boolean isTypeOrUnit(Label label) {
    return label.name().equals(TYPE) || label.name().equals(UNIT);
  }
}
