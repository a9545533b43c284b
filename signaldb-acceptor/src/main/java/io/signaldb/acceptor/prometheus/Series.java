package io.signaldb.acceptor.prometheus;

import io.signaldb.acceptor.prometheus.proto.Histogram;
import io.signaldb.acceptor.prometheus.proto.Sample;
import java.util.List;

/**
 * A series of a request in either version.
 *
 * @param labels with a metric name
 * @param metadata what the series itself carries; version 1 has none
 */
record Series(
    Labels labels,
    FamilyMetadata metadata,
    List<Sample> samples,
    List<Histogram> histograms,
    List<SeriesExemplar> exemplars) {}
