package io.signaldb.router.tempo;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.signaldb.router.tempo.proto.Exemplar;
import io.signaldb.router.tempo.proto.Sample;
import io.signaldb.router.tempo.proto.TimeSeries;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;

/**
 * Turns the rows of a {@link io.signaldb.common.flight.MetricsResult}, one per series, into Tempo's
 * series. Reads the batch it was made for.
 */
final class SeriesReader {
  /** How Tempo writes a label without a value. */
  private static final String NIL = "nil";

  private final VectorSchemaRoot batch;
  private final Labels labels;
  private final Points samples;
  private final Points exemplars;
  private final Labels exemplarLabels;

  SeriesReader(VectorSchemaRoot batch) {
    this.batch = batch;
    this.labels = new Labels((ListVector) batch.getVector("labels"));
    this.samples = new Points((ListVector) batch.getVector("samples"));
    this.exemplars = new Points((ListVector) batch.getVector("exemplars"));
    this.exemplarLabels = new Labels(exemplars.elements.getChild("labels", ListVector.class));
  }

  /** All rows, in their order. */
  List<TimeSeries> read() {
    List<TimeSeries> series = new ArrayList<>();
    for (int row = 0; row < batch.getRowCount(); row++) {
      series.add(read(row));
    }
    return series;
  }

  private TimeSeries read(int row) {
    TimeSeries.Builder series = TimeSeries.newBuilder().addAllLabels(labels.read(row));
    for (int i = samples.list.getElementStartIndex(row);
        i < samples.list.getElementEndIndex(row);
        i++) {
      series.addSamples(
          Sample.newBuilder()
              .setTimestampMs(samples.timestamps.get(i))
              .setValue(samples.values.get(i)));
    }
    for (int i = exemplars.list.getElementStartIndex(row);
        i < exemplars.list.getElementEndIndex(row);
        i++) {
      series.addExemplars(
          Exemplar.newBuilder()
              .setTimestampMs(exemplars.timestamps.get(i))
              .setValue(exemplars.values.get(i))
              .addAllLabels(exemplarLabels.read(i)));
    }
    return series.build();
  }

  /** A list of times and values. */
  private static final class Points {
    private final ListVector list;
    private final StructVector elements;
    private final BigIntVector timestamps;
    private final Float8Vector values;

    Points(ListVector list) {
      this.list = list;
      this.elements = (StructVector) list.getDataVector();
      this.timestamps = elements.getChild("timestamp_ms", BigIntVector.class);
      this.values = elements.getChild("value", Float8Vector.class);
    }
  }

  /** A list of keys with a value of one of four types. */
  private static final class Labels {
    private final ListVector list;
    private final VarCharVector keys;
    private final VarCharVector strings;
    private final BigIntVector integers;
    private final Float8Vector doubles;
    private final BitVector booleans;

    Labels(ListVector list) {
      this.list = list;
      StructVector elements = (StructVector) list.getDataVector();
      this.keys = elements.getChild("key", VarCharVector.class);
      this.strings = elements.getChild("string", VarCharVector.class);
      this.integers = elements.getChild("int", BigIntVector.class);
      this.doubles = elements.getChild("double", Float8Vector.class);
      this.booleans = elements.getChild("bool", BitVector.class);
    }

    List<KeyValue> read(int row) {
      List<KeyValue> labels = new ArrayList<>();
      for (int i = list.getElementStartIndex(row); i < list.getElementEndIndex(row); i++) {
        labels.add(
            KeyValue.newBuilder().setKey(Vectors.textOrEmpty(keys, i)).setValue(value(i)).build());
      }
      return labels;
    }

    private AnyValue value(int i) {
      AnyValue.Builder value = AnyValue.newBuilder();
      if (!integers.isNull(i)) {
        value.setIntValue(integers.get(i));
      } else if (!doubles.isNull(i)) {
        value.setDoubleValue(doubles.get(i));
      } else if (!booleans.isNull(i)) {
        value.setBoolValue(booleans.get(i) != 0);
      } else {
        value.setStringValue(strings.isNull(i) ? NIL : Vectors.textOrEmpty(strings, i));
      }
      return value.build();
    }
  }
}
