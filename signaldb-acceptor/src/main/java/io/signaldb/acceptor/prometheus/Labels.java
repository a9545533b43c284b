package io.signaldb.acceptor.prometheus;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A label set: sorted by name, no name twice, no empty name or value. */
record Labels(List<Label> sorted) {
  static final String METRIC_NAME = "__name__";

  private static final int SHOWN_CHARS = 200;

  record Label(String name, String value) {
    KeyValue attribute() {
      return KeyValue.newBuilder()
          .setKey(name)
          .setValue(AnyValue.newBuilder().setStringValue(value))
          .build();
    }
  }

  /**
   * Sorts and checks labels as they came. A label with an empty value is as good as none.
   *
   * @param what has the labels, for messages
   * @throws RefusedException if a name is empty or there twice
   */
  static Labels of(String what, List<Label> labels) throws RefusedException {
    List<Label> sorted = new ArrayList<>(labels);
    sorted.sort(Comparator.comparing(Label::name));
    String previous = "";
    for (Label label : sorted) {
      if (label.name().isEmpty()) {
        throw new RefusedException(
            "%s %s has a label without a name, expected a name for each value"
                .formatted(what, shown(labels)));
      }
      if (label.name().equals(previous)) {
        throw new RefusedException(
            "%s %s has label '%s' twice, expected each name once"
                .formatted(what, shown(labels), shown(previous)));
      }
      previous = label.name();
    }
    sorted.removeIf(label -> label.value().isEmpty());
    return new Labels(List.copyOf(sorted));
  }

  /** The value of a label, or null if it is not there. */
  @Nullable String find(String name) {
    for (Label label : sorted) {
      if (label.name().equals(name)) {
        return label.value();
      }
    }
    return null;
  }

  Labels without(String name) {
    return find(name) == null ? this : where(label -> !label.name().equals(name));
  }

  Labels where(Predicate<Label> condition) {
    return new Labels(sorted.stream().filter(condition).toList());
  }

  List<KeyValue> attributes() {
    return sorted.stream().map(Label::attribute).toList();
  }

  /** As Prometheus writes a series, cut to a length for error messages. */
  @Override
  public String toString() {
    return shown(sorted);
  }

  /** Labels that need not be in order or valid, in one short line. */
  static String shown(List<Label> labels) {
    String name = "";
    StringBuilder rest = new StringBuilder();
    for (Label label : labels) {
      if (label.name().equals(METRIC_NAME) && name.isEmpty()) {
        name = label.value();
      } else if (rest.length() < SHOWN_CHARS) {
        rest.append(rest.isEmpty() ? "" : ", ")
            .append(label.name())
            .append("=\"")
            .append(label.value())
            .append('"');
      }
    }
    return shown(rest.isEmpty() && !name.isEmpty() ? name : name + "{" + rest + "}");
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return line.length() > SHOWN_CHARS ? line.substring(0, SHOWN_CHARS) + "…" : line;
  }
}
