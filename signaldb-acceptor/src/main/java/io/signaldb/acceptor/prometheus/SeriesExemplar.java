package io.signaldb.acceptor.prometheus;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.signaldb.acceptor.prometheus.Labels.Label;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * An exemplar.
 *
 * @param timestampMillis Unix milliseconds; 0 is none
 */
record SeriesExemplar(Labels labels, double value, long timestampMillis) {
  private static final String TRACE_ID = "trace_id";
  private static final String SPAN_ID = "span_id";
  private static final Pattern TRACE_ID_FORM = Pattern.compile("(?!0+$)[0-9a-fA-F]{32}");
  private static final Pattern SPAN_ID_FORM = Pattern.compile("(?!0+$)[0-9a-fA-F]{16}");

  /** With ids where the labels hold valid ones; all else is an attribute. */
  Exemplar toOtlp() {
    Exemplar.Builder exemplar =
        Exemplar.newBuilder().setAsDouble(value).setTimeUnixNano(Times.unixNanos(timestampMillis));
    for (Label label : labels.sorted()) {
      if (label.name().equals(TRACE_ID) && TRACE_ID_FORM.matcher(label.value()).matches()) {
        exemplar.setTraceId(bytes(label.value()));
      } else if (label.name().equals(SPAN_ID) && SPAN_ID_FORM.matcher(label.value()).matches()) {
        exemplar.setSpanId(bytes(label.value()));
      } else {
        exemplar.addFilteredAttributes(label.attribute());
      }
    }
    return exemplar.build();
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }
}
