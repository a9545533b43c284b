package io.signaldb.querier.traceql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A span in memory; changes in place. */
final class FakeSpan implements SpanView {
  private final Map<String, Value> values = new HashMap<>();
  private final List<Map<String, Value>> events = new ArrayList<>();
  private final List<Map<String, Value>> links = new ArrayList<>();
  private @Nullable FakeSpan parent;

  static FakeSpan named(String name) {
    return new FakeSpan().with(Intrinsic.NAME, new Value.Text(name));
  }

  FakeSpan childOf(FakeSpan other) {
    parent = other;
    return this;
  }

  FakeSpan with(Scope scope, String key, Value value) {
    values.put(scope.prefix() + key, value);
    return this;
  }

  FakeSpan with(Intrinsic intrinsic, Value value) {
    values.put(intrinsic.name(), value);
    return this;
  }

  /** An event with one attribute. */
  FakeSpan withEvent(String name, String key, Value value) {
    events.add(Map.of(Intrinsic.EVENT_NAME.name(), new Value.Text(name), "event." + key, value));
    return this;
  }

  /** A link with one attribute. */
  FakeSpan withLink(String spanId, String key, Value value) {
    links.add(Map.of(Intrinsic.LINK_SPAN_ID.name(), new Value.Text(spanId), "link." + key, value));
    return this;
  }

  String name() {
    return ((Value.Text) intrinsic(Intrinsic.NAME)).text();
  }

  @Override
  public Value attribute(Scope scope, String key) {
    return value(scope.prefix() + key);
  }

  @Override
  public Value intrinsic(Intrinsic intrinsic) {
    return value(intrinsic.name());
  }

  private Value value(String name) {
    List<Map<String, Value>> places = new ArrayList<>(List.of(values));
    places.addAll(events);
    places.addAll(links);
    return places.stream()
        .filter(place -> place.containsKey(name))
        .map(place -> place.getOrDefault(name, Value.NIL))
        .findFirst()
        .orElse(Value.NIL);
  }

  @Override
  public @Nullable FakeSpan parent() {
    return parent;
  }

  @Override
  public List<? extends SpanView> views(boolean ofEvents, boolean ofLinks) {
    List<FakeSpan> views = new ArrayList<>();
    for (List<Map<String, Value>> event : choices(events, ofEvents)) {
      for (List<Map<String, Value>> link : choices(links, ofLinks)) {
        FakeSpan view = new FakeSpan();
        view.values.putAll(values);
        view.parent = parent;
        view.events.addAll(event);
        view.links.addAll(link);
        views.add(view);
      }
    }
    return views;
  }

  private static List<List<Map<String, Value>>> choices(
      List<Map<String, Value>> elements, boolean each) {
    return each && !elements.isEmpty()
        ? elements.stream().map(List::of).toList()
        : List.of(elements);
  }
}
