package io.signaldb.acceptor.prometheus;

import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.signaldb.acceptor.prometheus.proto.Sample;

/** A sample of a series, within the limits of time. */
record FloatSample(PlacedSeries series, Role role, Sample sample) {
  double value() {
    return sample.getValue();
  }

  boolean isStale() {
    return Values.isStale(sample.getValue());
  }

  long timeUnixNano() {
    return Times.unixNanos(sample.getTimestamp());
  }

  /** Zero if it is unknown. */
  long startTimeUnixNano() {
    return Times.unixNanos(sample.getStartTimestamp());
  }

  /** The sample as a point of its own, without attributes. */
  Point toPoint() {
    NumberDataPoint.Builder data =
        NumberDataPoint.newBuilder()
            .setTimeUnixNano(timeUnixNano())
            .setStartTimeUnixNano(startTimeUnixNano());
    if (isStale()) {
      data.setFlags(Point.NO_RECORDED_VALUE);
    } else {
      data.setAsDouble(value());
    }
    return new Point.Scalar(data);
  }
}
