package io.signaldb.acceptor.prometheus;

import io.signaldb.acceptor.prometheus.Labels.Label;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import io.signaldb.acceptor.prometheus.proto.WriteRequest.TimeSeries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The series and metadata of version 1. */
final class V1Reader {
  private final Refusals refusals = new Refusals();

  private V1Reader() {}

  static WriteBatch read(WriteRequest request) {
    return new V1Reader().batch(request);
  }

  private WriteBatch batch(WriteRequest request) {
    List<Series> series = new ArrayList<>(request.getTimeseriesCount());
    Tally received = Tally.NONE;
    for (TimeSeries given : request.getTimeseriesList()) {
      Tally tally =
          new Tally(given.getSamplesCount(), given.getHistogramsCount(), given.getExemplarsCount());
      received = received.plus(tally);
      try {
        Labels labels = SeriesLabels.ofSeries(labels(given.getLabelsList()));
        series.add(
            new Series(
                labels,
                FamilyMetadata.NONE,
                given.getSamplesList(),
                given.getHistogramsList(),
                exemplars(labels, given)));
      } catch (RefusedException e) {
        refusals.add(tally, e.why());
      }
    }
    return new WriteBatch(series, families(request), received, refusals);
  }

  private static List<SeriesLabels.Raw> labels(List<WriteRequest.Label> labels) {
    List<SeriesLabels.Raw> raw = new ArrayList<>(labels.size());
    for (WriteRequest.Label label : labels) {
      raw.add(new SeriesLabels.Raw(Text.of(label.getName()), Text.of(label.getValue())));
    }
    return raw;
  }

  private List<SeriesExemplar> exemplars(Labels series, TimeSeries given) {
    List<SeriesExemplar> exemplars = new ArrayList<>(given.getExemplarsCount());
    for (WriteRequest.Exemplar exemplar : given.getExemplarsList()) {
      try {
        exemplars.add(
            SeriesLabels.exemplar(
                labels(exemplar.getLabelsList()), exemplar.getValue(), exemplar.getTimestamp()));
      } catch (RefusedException e) {
        refusals.add(SeriesLabels.ONE_EXEMPLAR, "of series %s: %s".formatted(series, e.why()));
      }
    }
    return exemplars;
  }

  private Map<String, FamilyMetadata> families(WriteRequest request) {
    Map<String, FamilyMetadata> families = new LinkedHashMap<>();
    for (WriteRequest.Metadata metadata : request.getMetadataList()) {
      Text name = Text.of(metadata.getMetricFamilyName());
      Text help = Text.of(metadata.getHelp());
      Text unit = Text.of(metadata.getUnit());
      if (name.isValid() && help.isValid() && unit.isValid()) {
        families.put(
            name.text(),
            new FamilyMetadata(FamilyMetadata.known(metadata.getType()), help.text(), unit.text()));
      } else {
        refusals.add(
            Tally.NONE,
            "metadata of family %s is not UTF-8 and was left out"
                .formatted(Labels.shown(List.of(new Label(Labels.METRIC_NAME, name.text())))));
      }
    }
    return families;
  }
}
