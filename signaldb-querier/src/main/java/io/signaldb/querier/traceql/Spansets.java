package io.signaldb.querier.traceql;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Sets of spans by identity: a span stands for itself, whatever it looks like. */
final class Spansets {
  private Spansets() {}

  static Set<SpanView> set() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  static Set<SpanView> set(Collection<? extends SpanView> spans) {
    Set<SpanView> set = set();
    set.addAll(spans);
    return set;
  }

  /** The spans of all {@code parts}, each once, in the order of {@code whole}. */
  static <S extends SpanView> List<S> union(Spanset<S> whole, List<Spanset<S>> parts) {
    if (parts.size() == 1) {
      return parts.get(0).spans();
    }
    Set<SpanView> wanted = set();
    parts.forEach(part -> wanted.addAll(part.spans()));
    return whole.spans().stream().filter(wanted::contains).toList();
  }
}
