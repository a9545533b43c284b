package io.signaldb.querier.traceql;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The fields every span has, under the names Tempo gives them: a scoped one and, for the older
 * ones, a bare one beside it.
 */
public enum Intrinsic {
  NAME(ValueType.STRING, "span:name", "name"),
  DURATION(ValueType.DURATION, "span:duration", "duration"),
  STATUS(ValueType.STATUS, "span:status", "status"),
  STATUS_MESSAGE(ValueType.STRING, "span:statusMessage", "statusMessage"),
  KIND(ValueType.KIND, "span:kind", "kind"),
  SPAN_ID(ValueType.STRING, "span:id"),
  PARENT_ID(ValueType.STRING, "span:parentID"),
  TRACE_ID(ValueType.STRING, "trace:id"),
  TRACE_DURATION(ValueType.DURATION, "trace:duration", "traceDuration"),
  ROOT_NAME(ValueType.STRING, "trace:rootName", "rootName"),
  ROOT_SERVICE_NAME(ValueType.STRING, "trace:rootService", "rootServiceName"),
  SCOPE_NAME(ValueType.STRING, "instrumentation:name"),
  SCOPE_VERSION(ValueType.STRING, "instrumentation:version");

  /** Words of the language that name a field this parser knows but does not evaluate. */
  static final List<String> UNSUPPORTED =
      List.of(
          "childCount",
          "nestedSetLeft",
          "nestedSetRight",
          "nestedSetParent",
          "parent",
          "span:childCount",
          "event:name",
          "event:timeSinceStart",
          "link:spanID",
          "link:traceID");

  /** The names Tempo offers for completion, sorted. */
  public static final List<String> COMPLETION_NAMES = completionNames();

  private static final Map<String, Intrinsic> BY_NAME =
      Arrays.stream(values())
          .flatMap(i -> Stream.of(i.scopedName, i.displayName).distinct().map(n -> Map.entry(n, i)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private final ValueType type;
  private final String scopedName;
  private final String displayName;

  Intrinsic(ValueType type, String name) {
    this(type, name, name);
  }

  Intrinsic(ValueType type, String scopedName, String displayName) {
    this.type = type;
    this.scopedName = scopedName;
    this.displayName = displayName;
  }

  static Optional<Intrinsic> byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** Static type of the field. */
  public ValueType type() {
    return type;
  }

  /** The name without a scope if there is one, as results show it. */
  public String displayName() {
    return displayName;
  }

  /** How many hexadecimal digits the value has; 0 for a field that is no id. */
  public int idDigits() {
    return switch (this) {
      case TRACE_ID -> 32;
      case SPAN_ID, PARENT_ID -> 16;
      default -> 0;
    };
  }

  private static List<String> completionNames() {
    return Stream.concat(
            Arrays.stream(values())
                .filter(i -> i != PARENT_ID)
                .flatMap(i -> Stream.of(i.scopedName, i.displayName)),
            Stream.of("event:name", "event:timeSinceStart", "link:spanID", "link:traceID"))
        .distinct()
        .sorted()
        .toList();
  }
}
