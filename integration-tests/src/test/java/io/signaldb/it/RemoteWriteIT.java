package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signaldb.acceptor.prometheus.proto.BucketSpan;
import io.signaldb.acceptor.prometheus.proto.Histogram;
import io.signaldb.acceptor.prometheus.proto.MetricType;
import io.signaldb.acceptor.prometheus.proto.Request;
import io.signaldb.acceptor.prometheus.proto.Sample;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What remote write acknowledges is in the tables, also after the server was killed. */
class RemoteWriteIT {
  private static final int SCRAPES = 5;

  private final long now = System.currentTimeMillis();
  private final List<String> symbols = new ArrayList<>(List.of(""));

  @Test
  void storesEverySampleOfBothVersionsOnce(@TempDir Path directory) throws Exception {
    try (SignalDbProcess server = SignalDbProcess.start(directory, Map.of())) {
      assertThat(RemoteWrite.send(server, Map.of(), RemoteWrite.V1, versionOne()).status())
          .isEqualTo(204);
      Http.Reply partial = RemoteWrite.send(server, Map.of(), RemoteWrite.V2, versionTwo());
      assertThat(partial.status()).isEqualTo(400);
      assertThat(partial.body())
          .startsWith("1 of 7 samples, 0 of 2 histograms and 0 of 1 exemplars were refused")
          .contains("series queue{job=\"shop\"} has timestamp 1,");
      server.kill();
      server.start();
      server.stop();
      Path data = server.dataDir();

      assertThat(StoredRows.of(data, "metrics_gauge", "metric_name", "value"))
          .extracting(row -> row.getField("metric_name"))
          .containsExactly("queue");
      List<Record> histograms =
          StoredRows.of(
              data,
              "metrics_histogram",
              "metric_name",
              "count",
              "sum",
              "bucket_counts",
              "explicit_bounds",
              "service_name");
      assertThat(named(histograms, "took"))
          .hasSize(SCRAPES)
          .allSatisfy(
              row -> {
                assertThat(row.getField("service_name")).isEqualTo("shop");
                assertThat(row.getField("explicit_bounds")).isEqualTo(List.of(0.5));
              })
          .extracting(row -> row.getField("count"))
          .containsExactlyInAnyOrder(10L, 20L, 30L, 40L, 50L);
      assertThat(named(histograms, "custom"))
          .singleElement()
          .satisfies(
              row -> assertThat(row.getField("bucket_counts")).isEqualTo(List.of(0L, 4L, 5L)));
      assertThat(
              StoredRows.of(data, "metrics_exponential_histogram", "metric_name", "scale", "count"))
          .singleElement()
          .satisfies(
              row -> {
                assertThat(row.getField("scale")).isEqualTo(3);
                assertThat(row.getField("count")).isEqualTo(7L);
              });
      List<Record> sums =
          StoredRows.of(data, "metrics_sum", "metric_name", "is_monotonic", "exemplars");
      assertThat(sums)
          .hasSize(SCRAPES)
          .allSatisfy(row -> assertThat(row.getField("metric_name")).isEqualTo("orders"))
          .allSatisfy(row -> assertThat(row.getField("is_monotonic")).isEqualTo(true))
          .filteredOn(row -> row.getField("exemplars") instanceof List<?> list && !list.isEmpty())
          .hasSize(1);
    }
  }

  /** Scrapes of a histogram of two buckets: four series with a sample of each scrape. */
  private WriteRequest versionOne() {
    WriteRequest.Builder request = WriteRequest.newBuilder();
    for (String labels :
        List.of("took_bucket le 0.5", "took_bucket le +Inf", "took_count", "took_sum")) {
      WriteRequest.TimeSeries.Builder series = request.addTimeseriesBuilder();
      String[] words = labels.split(" ", -1);
      series
          .addLabels(RemoteWrite.label("__name__", words[0]))
          .addLabels(RemoteWrite.label("job", "shop"));
      if (words.length > 1) {
        series.addLabels(RemoteWrite.label(words[1], words[2]));
      }
      for (int scrape = 1; scrape <= SCRAPES; scrape++) {
        int factor = labels.endsWith("0.5") ? 6 : 10;
        series.addSamples(
            Sample.newBuilder()
                .setValue(scrape * factor)
                .setTimestamp(now - 1000L * (SCRAPES - scrape)));
      }
    }
    return request.build();
  }

  private Request versionTwo() {
    Request.Builder request = Request.newBuilder();
    Request.TimeSeries.Builder counter =
        series("orders_total")
            .setMetadata(Request.Metadata.newBuilder().setType(MetricType.COUNTER))
            .addExemplars(
                Request.Exemplar.newBuilder()
                    .setValue(1)
                    .setTimestamp(now)
                    .addLabelsRefs(symbol("trace_id"))
                    .addLabelsRefs(symbol("0102030405060708090a0b0c0d0e0f10")));
    for (int scrape = 1; scrape <= SCRAPES; scrape++) {
      counter.addSamples(
          Sample.newBuilder().setValue(scrape).setTimestamp(now - 1000L * (SCRAPES - scrape)));
    }
    request.addTimeseries(counter);
    request.addTimeseries(
        series("queue")
            .addSamples(Sample.newBuilder().setValue(3).setTimestamp(now))
            .addSamples(Sample.newBuilder().setValue(4).setTimestamp(1)));
    request.addTimeseries(
        series("exponential")
            .addHistograms(
                Histogram.newBuilder()
                    .setCountInt(7)
                    .setSum(9)
                    .setSchema(3)
                    .setZeroCountInt(7)
                    .setTimestamp(now)));
    request.addTimeseries(
        series("custom")
            .addHistograms(
                Histogram.newBuilder()
                    .setCountInt(9)
                    .setSum(20)
                    .setSchema(-53)
                    .addAllCustomValues(List.of(1.0, 2.0))
                    .addPositiveSpans(BucketSpan.newBuilder().setOffset(1).setLength(2))
                    .addAllPositiveDeltas(List.of(4L, 1L))
                    .setTimestamp(now)));
    symbols.forEach(text -> request.addSymbols(ByteString.copyFromUtf8(text)));
    return request.build();
  }

  private Request.TimeSeries.Builder series(String name) {
    return Request.TimeSeries.newBuilder()
        .addLabelsRefs(symbol("__name__"))
        .addLabelsRefs(symbol(name))
        .addLabelsRefs(symbol("job"))
        .addLabelsRefs(symbol("shop"));
  }

  private int symbol(String text) {
    if (!symbols.contains(text)) {
      symbols.add(text);
    }
    return symbols.indexOf(text);
  }

  private static List<Record> named(List<Record> rows, String metric) {
    return rows.stream().filter(row -> metric.equals(row.getField("metric_name"))).toList();
  }
}
