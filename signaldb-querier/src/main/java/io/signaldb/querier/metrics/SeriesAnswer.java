package io.signaldb.querier.metrics;

import io.signaldb.common.flight.TimeSteps;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;

/**
 * Writes series as {@link io.signaldb.common.flight.MetricsResult} has them. Used by one thread.
 */
public final class SeriesAnswer {
  /** Values in one batch. */
  private static final int MAX_VALUES = 1 << 16;

  private final VectorSchemaRoot target;
  private final TimeSteps steps;
  private final Labels labels;
  private final Points samples;
  private final Points exemplars;
  private final Labels exemplarLabels;
  private int row;

  /**
   * @param target of {@link io.signaldb.common.flight.MetricsResult#SCHEMA}; borrowed
   * @param steps those of the series
   */
  public SeriesAnswer(VectorSchemaRoot target, TimeSteps steps) {
    this.target = target;
    this.steps = steps;
    this.labels = new Labels((ListVector) target.getVector("labels"));
    this.samples = new Points((ListVector) target.getVector("samples"));
    this.exemplars = new Points((ListVector) target.getVector("exemplars"));
    this.exemplarLabels = new Labels(exemplars.elements.getChild("labels", ListVector.class));
  }

  /**
   * Writes all series.
   *
   * @param send called whenever the target is filled
   */
  public void write(List<Series> series, Consumer<VectorSchemaRoot> send) {
    for (Series one : series) {
      if (row > 0 && samples.next + one.steps() > MAX_VALUES) {
        flush(send);
      }
      write(one);
    }
    if (row > 0) {
      flush(send);
    }
  }

  private void flush(Consumer<VectorSchemaRoot> send) {
    target.setRowCount(row);
    send.accept(target);
    target.clear();
    row = 0;
    labels.next = 0;
    samples.next = 0;
    exemplars.next = 0;
    exemplarLabels.next = 0;
  }

  private void write(Series series) {
    labels.write(row, series.labels());
    samples.list.startNewValue(row);
    int first = samples.next;
    for (int step = 0; step < series.steps(); step++) {
      if (!Double.isNaN(series.value(step))) {
        samples.add(steps.timestampMillis(step), series.value(step));
      }
    }
    samples.list.endValue(row, samples.next - first);
    exemplars.list.startNewValue(row);
    for (Exemplar exemplar : series.exemplars()) {
      exemplarLabels.write(exemplars.next, exemplar.labels());
      exemplars.add(exemplar.timestampMillis(), exemplar.value());
    }
    exemplars.list.endValue(row, series.exemplars().size());
    row++;
  }

  /** A list of times and values. */
  private static final class Points {
    private final ListVector list;
    private final StructVector elements;
    private final BigIntVector timestamps;
    private final Float8Vector values;
    private int next;

    Points(ListVector list) {
      this.list = list;
      this.elements = (StructVector) list.getDataVector();
      this.timestamps = elements.getChild("timestamp_ms", BigIntVector.class);
      this.values = elements.getChild("value", Float8Vector.class);
    }

    void add(long timestampMillis, double value) {
      elements.setIndexDefined(next);
      timestamps.setSafe(next, timestampMillis);
      values.setSafe(next, value);
      next++;
    }
  }

  /** A list of keys with a value of one of four types. */
  private static final class Labels {
    private final ListVector list;
    private final StructVector elements;
    private final VarCharVector keys;
    private final VarCharVector strings;
    private final BigIntVector integers;
    private final Float8Vector doubles;
    private final BitVector booleans;
    private int next;

    Labels(ListVector list) {
      this.list = list;
      this.elements = (StructVector) list.getDataVector();
      this.keys = elements.getChild("key", VarCharVector.class);
      this.strings = elements.getChild("string", VarCharVector.class);
      this.integers = elements.getChild("int", BigIntVector.class);
      this.doubles = elements.getChild("double", Float8Vector.class);
      this.booleans = elements.getChild("bool", BitVector.class);
    }

    void write(int row, List<Label> labels) {
      list.startNewValue(row);
      for (Label label : labels) {
        elements.setIndexDefined(next);
        keys.setSafe(next, label.key().getBytes(StandardCharsets.UTF_8));
        if (label.value() instanceof String text) {
          strings.setSafe(next, text.getBytes(StandardCharsets.UTF_8));
        } else if (label.value() instanceof Long integer) {
          integers.setSafe(next, integer);
        } else if (label.value() instanceof Double real) {
          doubles.setSafe(next, real);
        } else if (label.value() instanceof Boolean truth) {
          booleans.setSafe(next, truth ? 1 : 0);
        }
        next++;
      }
      list.endValue(row, labels.size());
    }
  }
}
