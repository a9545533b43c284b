package io.signaldb.acceptor.prometheus;

import com.google.protobuf.Message;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.List;

/** A data point being built, whatever its kind. */
sealed interface Point {
  /** Flag of a point that says that its series ended, or that has nothing but exemplars. */
  int NO_RECORDED_VALUE = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE;

  long timeUnixNano();

  /** Zero if it is unknown. */
  long startTimeUnixNano();

  void startAt(long unixNano);

  int flags();

  /**
   * Adds it to a metric of its kind: a gauge or sum, else the one of its name.
   *
   * @return the very object that is in the metric then
   */
  Message addTo(Metric.Builder metric, List<KeyValue> attributes);

  /** How many it has. */
  int exemplars();

  /** False if this kind of point has no exemplars. */
  boolean add(Exemplar exemplar);

  default boolean hasRecordedValue() {
    return (flags() & NO_RECORDED_VALUE) == 0;
  }

  record Scalar(NumberDataPoint.Builder data) implements Point {
    @Override
    public long timeUnixNano() {
      return data.getTimeUnixNano();
    }

    @Override
    public long startTimeUnixNano() {
      return data.getStartTimeUnixNano();
    }

    @Override
    public void startAt(long unixNano) {
      data.setStartTimeUnixNano(unixNano);
    }

    @Override
    public int flags() {
      return data.getFlags();
    }

    @Override
    public Message addTo(Metric.Builder metric, List<KeyValue> attributes) {
      NumberDataPoint point = data.addAllAttributes(attributes).build();
      if (metric.hasGauge()) {
        metric.getGaugeBuilder().addDataPoints(point);
      } else {
        metric.getSumBuilder().addDataPoints(point);
      }
      return point;
    }

    @Override
    public int exemplars() {
      return data.getExemplarsCount();
    }

    @Override
    public boolean add(Exemplar exemplar) {
      data.addExemplars(exemplar);
      return true;
    }
  }

  record Explicit(HistogramDataPoint.Builder data) implements Point {
    @Override
    public long timeUnixNano() {
      return data.getTimeUnixNano();
    }

    @Override
    public long startTimeUnixNano() {
      return data.getStartTimeUnixNano();
    }

    @Override
    public void startAt(long unixNano) {
      data.setStartTimeUnixNano(unixNano);
    }

    @Override
    public int flags() {
      return data.getFlags();
    }

    @Override
    public Message addTo(Metric.Builder metric, List<KeyValue> attributes) {
      HistogramDataPoint point = data.addAllAttributes(attributes).build();
      metric.getHistogramBuilder().addDataPoints(point);
      return point;
    }

    @Override
    public int exemplars() {
      return data.getExemplarsCount();
    }

    @Override
    public boolean add(Exemplar exemplar) {
      data.addExemplars(exemplar);
      return true;
    }
  }

  record Exponential(ExponentialHistogramDataPoint.Builder data) implements Point {
    @Override
    public long timeUnixNano() {
      return data.getTimeUnixNano();
    }

    @Override
    public long startTimeUnixNano() {
      return data.getStartTimeUnixNano();
    }

    @Override
    public void startAt(long unixNano) {
      data.setStartTimeUnixNano(unixNano);
    }

    @Override
    public int flags() {
      return data.getFlags();
    }

    @Override
    public Message addTo(Metric.Builder metric, List<KeyValue> attributes) {
      ExponentialHistogramDataPoint point = data.addAllAttributes(attributes).build();
      metric.getExponentialHistogramBuilder().addDataPoints(point);
      return point;
    }

    @Override
    public int exemplars() {
      return data.getExemplarsCount();
    }

    @Override
    public boolean add(Exemplar exemplar) {
      data.addExemplars(exemplar);
      return true;
    }
  }

  record Summary(SummaryDataPoint.Builder data) implements Point {
    @Override
    public long timeUnixNano() {
      return data.getTimeUnixNano();
    }

    @Override
    public long startTimeUnixNano() {
      return data.getStartTimeUnixNano();
    }

    @Override
    public void startAt(long unixNano) {
      data.setStartTimeUnixNano(unixNano);
    }

    @Override
    public int flags() {
      return data.getFlags();
    }

    @Override
    public Message addTo(Metric.Builder metric, List<KeyValue> attributes) {
      SummaryDataPoint point = data.addAllAttributes(attributes).build();
      metric.getSummaryBuilder().addDataPoints(point);
      return point;
    }

    @Override
    public int exemplars() {
      return 0;
    }

    @Override
    public boolean add(Exemplar exemplar) {
      return false;
    }
  }
}
