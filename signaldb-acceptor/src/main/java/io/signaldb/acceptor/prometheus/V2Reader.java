package io.signaldb.acceptor.prometheus;

import io.signaldb.acceptor.prometheus.proto.MetricType;
import io.signaldb.acceptor.prometheus.proto.Request;
import io.signaldb.acceptor.prometheus.proto.Request.TimeSeries;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The series of version 2, whose texts are in one table. */
final class V2Reader {
  private final Refusals refusals = new Refusals();
  private final List<Text> symbols;
  private final long maxBytes;
  private long bytes;

  private V2Reader(List<Text> symbols, long maxBytes) {
    this.symbols = symbols;
    this.maxBytes = maxBytes;
  }

  /**
   * Reads the series of a request.
   *
   * @param maxBytes of texts, each counted wherever it is referred to
   * @throws SignalDbException INVALID_ARGUMENT if the table does not begin with an empty text:
   *     every reference may then be off by one; TOO_LARGE beyond {@code maxBytes}
   */
  static WriteBatch read(Request request, long maxBytes) {
    List<Text> symbols = request.getSymbolsList().stream().map(Text::of).toList();
    if (request.getSerializedSize() > 0
        && (symbols.isEmpty() || !symbols.get(0).text().isEmpty())) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The first of %d symbols is %s, expected an empty one"
              .formatted(
                  symbols.size(),
                  symbols.isEmpty() ? "absent" : "'" + symbols.get(0).text() + "'"));
    }
    return new V2Reader(symbols, maxBytes).batch(request);
  }

  private WriteBatch batch(Request request) {
    List<Series> series = new ArrayList<>(request.getTimeseriesCount());
    Tally received = Tally.NONE;
    for (TimeSeries given : request.getTimeseriesList()) {
      Tally tally =
          new Tally(given.getSamplesCount(), given.getHistogramsCount(), given.getExemplarsCount());
      received = received.plus(tally);
      try {
        series.add(series(given));
      } catch (RefusedException e) {
        refusals.add(tally, e.why());
      }
    }
    return new WriteBatch(series, Map.of(), received, refusals);
  }

  private Series series(TimeSeries given) throws RefusedException {
    Labels labels = SeriesLabels.ofSeries(labels("a series", given.getLabelsRefsList()));
    if (given.getSamplesCount() + given.getHistogramsCount() + given.getExemplarsCount() == 0) {
      throw new RefusedException(
          "series %s has no sample, histogram or exemplar, expected at least one"
              .formatted(labels));
    }
    return new Series(
        labels,
        metadata(labels, given.getMetadata()),
        given.getSamplesList(),
        given.getHistogramsList(),
        exemplars(labels, given));
  }

  private List<SeriesLabels.Raw> labels(String what, List<Integer> refs) throws RefusedException {
    if (refs.size() % 2 != 0) {
      throw new RefusedException(
          "%s has %d label references, expected an even number: name, value, …"
              .formatted(what, refs.size()));
    }
    List<SeriesLabels.Raw> raw = new ArrayList<>(refs.size() / 2);
    for (int i = 0; i < refs.size(); i += 2) {
      raw.add(
          new SeriesLabels.Raw(
              symbol(() -> what, "label", refs.get(i)),
              symbol(() -> what, "label", refs.get(i + 1))));
    }
    return raw;
  }

  private FamilyMetadata metadata(Labels series, Request.Metadata metadata)
      throws RefusedException {
    Text help = symbol(() -> "series " + series, "help", metadata.getHelpRef());
    Text unit = symbol(() -> "series " + series, "unit", metadata.getUnitRef());
    if (!help.isValid() || !unit.isValid()) {
      throw new RefusedException("help or unit of series %s is not UTF-8".formatted(series));
    }
    return new FamilyMetadata(
        metadata.getType() == MetricType.UNKNOWN ? null : FamilyMetadata.known(metadata.getType()),
        help.text(),
        unit.text());
  }

  private List<SeriesExemplar> exemplars(Labels series, TimeSeries given) {
    List<SeriesExemplar> exemplars = new ArrayList<>(given.getExemplarsCount());
    for (Request.Exemplar exemplar : given.getExemplarsList()) {
      try {
        exemplars.add(
            SeriesLabels.exemplar(
                labels("an exemplar", exemplar.getLabelsRefsList()),
                exemplar.getValue(),
                exemplar.getTimestamp()));
      } catch (RefusedException e) {
        refusals.add(SeriesLabels.ONE_EXEMPLAR, "of series %s: %s".formatted(series, e.why()));
      }
    }
    return exemplars;
  }

  private Text symbol(Supplier<String> owner, String field, int reference) throws RefusedException {
    if (reference < 0 || reference >= symbols.size()) {
      throw new RefusedException(
          "%s has %s reference %s, expected one of %d symbols"
              .formatted(owner.get(), field, Integer.toUnsignedString(reference), symbols.size()));
    }
    Text symbol = symbols.get(reference);
    bytes += symbol.bytes();
    if (bytes > maxBytes) {
      throw new SignalDbException(
          ErrorCode.TOO_LARGE,
          "The texts that series refer to are more than %d bytes (acceptor.max_request_bytes, each text counted for each series): send smaller batches"
              .formatted(maxBytes));
    }
    return symbol;
  }
}
