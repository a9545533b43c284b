package io.signaldb.acceptor.prometheus;

import com.google.protobuf.ByteString;
import io.signaldb.acceptor.prometheus.proto.BucketSpan;
import io.signaldb.acceptor.prometheus.proto.Histogram;
import io.signaldb.acceptor.prometheus.proto.MetricType;
import io.signaldb.acceptor.prometheus.proto.Request;
import io.signaldb.acceptor.prometheus.proto.Sample;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Requests as senders write them. */
public final class Requests {
  /** What Prometheus writes when a series ends. */
  public static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);

  private Requests() {}

  public static Sample sample(double value, long millis) {
    return Sample.newBuilder().setValue(value).setTimestamp(millis).build();
  }

  /** {@code name}, then names and values of labels. */
  public static List<String> labels(String name, String... others) {
    List<String> labels = new ArrayList<>(List.of("__name__", name));
    labels.addAll(List.of(others));
    return labels;
  }

  public static WriteRequest.TimeSeries.Builder v1(String name, String... labels) {
    return v1(labels(name, labels));
  }

  public static WriteRequest.TimeSeries.Builder v1(List<String> labels) {
    WriteRequest.TimeSeries.Builder series = WriteRequest.TimeSeries.newBuilder();
    for (int i = 0; i < labels.size(); i += 2) {
      series.addLabels(label(labels.get(i), labels.get(i + 1)));
    }
    return series;
  }

  public static WriteRequest.Label label(String name, String value) {
    return WriteRequest.Label.newBuilder()
        .setName(ByteString.copyFromUtf8(name))
        .setValue(ByteString.copyFromUtf8(value))
        .build();
  }

  public static WriteRequest v1Request(WriteRequest.TimeSeries.Builder... series) {
    WriteRequest.Builder request = WriteRequest.newBuilder();
    Arrays.stream(series).forEach(request::addTimeseries);
    return request.build();
  }

  /** Counts 3, 5, 0, 4 in buckets 1, 2, 3, 4 and 2 around zero: 14. */
  public static Histogram.Builder integerHistogram(long millis) {
    return Histogram.newBuilder()
        .setCountInt(14)
        .setSum(31.5)
        .setSchema(2)
        .setZeroThreshold(0.001)
        .setZeroCountInt(2)
        .addPositiveSpans(BucketSpan.newBuilder().setOffset(1).setLength(2))
        .addPositiveSpans(BucketSpan.newBuilder().setOffset(1).setLength(1))
        .addAllPositiveDeltas(List.of(3L, 2L, -1L))
        .setTimestamp(millis);
  }

  /** A table of symbols and the series that refer to it. */
  public static final class V2 {
    private final List<String> symbols = new ArrayList<>(List.of(""));
    private final Request.Builder request = Request.newBuilder();

    public V2 add(Request.TimeSeries.Builder series) {
      request.addTimeseries(series);
      return this;
    }

    public Request.TimeSeries.Builder series(String name, String... labels) {
      Request.TimeSeries.Builder series = Request.TimeSeries.newBuilder();
      Requests.labels(name, labels).forEach(text -> series.addLabelsRefs(symbol(text)));
      return series;
    }

    public Request.Metadata metadata(MetricType type, String help, String unit) {
      return Request.Metadata.newBuilder()
          .setType(type)
          .setHelpRef(symbol(help))
          .setUnitRef(symbol(unit))
          .build();
    }

    public Request.Exemplar exemplar(double value, long millis, String... labels) {
      Request.Exemplar.Builder exemplar =
          Request.Exemplar.newBuilder().setValue(value).setTimestamp(millis);
      for (String text : labels) {
        exemplar.addLabelsRefs(symbol(text));
      }
      return exemplar.build();
    }

    public int symbol(String text) {
      if (!symbols.contains(text)) {
        symbols.add(text);
      }
      return symbols.indexOf(text);
    }

    public Request build() {
      symbols.forEach(text -> request.addSymbols(ByteString.copyFromUtf8(text)));
      return request.build();
    }
  }
}
