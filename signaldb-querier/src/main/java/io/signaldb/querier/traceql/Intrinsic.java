package io.signaldb.querier.traceql;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  /** The parent's id, or no value for a root: what {@code parent = nil} asks. */
  PARENT(ValueType.ATTRIBUTE, "parent"),
  CHILD_COUNT(ValueType.INT, "span:childCount", "childCount"),
  /**
   * Position in the tree: a span's descendants are those with a left between its left and right.
   */
  NESTED_SET_LEFT(ValueType.INT, "nestedSetLeft"),
  NESTED_SET_RIGHT(ValueType.INT, "nestedSetRight"),
  /** The parent's left; −1 for a root, 0 where the parent is not there. */
  NESTED_SET_PARENT(ValueType.INT, "nestedSetParent"),
  TRACE_ID(ValueType.STRING, "trace:id"),
  TRACE_DURATION(ValueType.DURATION, "trace:duration", "traceDuration"),
  ROOT_NAME(ValueType.STRING, "trace:rootName", "rootName"),
  ROOT_SERVICE_NAME(ValueType.STRING, "trace:rootService", "rootServiceName"),
  SCOPE_NAME(ValueType.STRING, "instrumentation:name"),
  SCOPE_VERSION(ValueType.STRING, "instrumentation:version"),
  EVENT_NAME(ValueType.STRING, "event:name"),
  EVENT_TIME_SINCE_START(ValueType.DURATION, "event:timeSinceStart"),
  LINK_TRACE_ID(ValueType.STRING, "link:traceID"),
  LINK_SPAN_ID(ValueType.STRING, "link:spanID");

  private static final Set<Intrinsic> NOT_OFFERED =
      EnumSet.of(
          PARENT_ID, PARENT, CHILD_COUNT, NESTED_SET_LEFT, NESTED_SET_RIGHT, NESTED_SET_PARENT);

  /** The names Tempo offers for completion, sorted. */
  public static final List<String> COMPLETION_NAMES =
      Arrays.stream(values())
          .filter(intrinsic -> !NOT_OFFERED.contains(intrinsic))
          .flatMap(Intrinsic::names)
          .sorted()
          .toList();

  private static final Map<String, Intrinsic> BY_NAME =
      Arrays.stream(values())
          .flatMap(intrinsic -> intrinsic.names().map(name -> Map.entry(name, intrinsic)))
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

  private Stream<String> names() {
    return Stream.of(scopedName, displayName).distinct();
  }

  /** Static type of the field. */
  public ValueType type() {
    return type;
  }

  /** The name without a scope if there is one, as results show it. */
  public String displayName() {
    return displayName;
  }

  /** Whether the value is that of one event of the span. */
  public boolean isOfEvent() {
    return this == EVENT_NAME || this == EVENT_TIME_SINCE_START;
  }

  /** Whether the value is that of one link of the span. */
  public boolean isOfLink() {
    return this == LINK_TRACE_ID || this == LINK_SPAN_ID;
  }

  /** Whether the value follows from how the spans of the trace hang together. */
  public boolean isOfTree() {
    return switch (this) {
      case CHILD_COUNT, NESTED_SET_LEFT, NESTED_SET_RIGHT, NESTED_SET_PARENT -> true;
      default -> false;
    };
  }

  /** How many hexadecimal digits the value has; 0 for a field that is no id. */
  public int idDigits() {
    return switch (this) {
      case TRACE_ID, LINK_TRACE_ID -> 32;
      case SPAN_ID, PARENT_ID, PARENT, LINK_SPAN_ID -> 16;
      default -> 0;
    };
  }
}
