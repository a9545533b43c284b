package io.signaldb.querier.trace;

import io.signaldb.querier.traceql.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the spans of a trace hang together. A client's and a server's span may share an id: the
 * server's is then the child of the client's, and the parent of what names that id. Spans whose
 * parents go round in a circle hang on nothing.
 */
final class SpanTree {
  private static final int ROOT = -1;
  private static final int NOT_THERE = 0;

  private final IdentityHashMap<Span, List<Span>> children = new IdentityHashMap<>();
  private final IdentityHashMap<Span, @Nullable Span> parents = new IdentityHashMap<>();
  private int next = 1;

  private SpanTree() {}

  /**
   * A span's position: its descendants are those with a left between its left and its right.
   *
   * @param parent null for a root, and where the parent is not there
   * @param left from 1 on; 0 where nobody knows
   * @param parentLeft −1 for a root, 0 where the parent is not there
   * @param children number of direct children
   */
  record Place(@Nullable Span parent, int left, int right, int parentLeft, int children) {
    /** Of a span in no tree. */
    static final Place UNKNOWN = new Place(null, 0, 0, NOT_THERE, 0);
  }

  /** Gives each span its place; roots come first, everything else in the order given. */
  static void grow(List<Span> spans) {
    new SpanTree().place(spans);
  }

  private void place(List<Span> spans) {
    Map<String, List<Span>> byId = new HashMap<>();
    spans.forEach(
        span -> byId.computeIfAbsent(span.row().spanId(), id -> new ArrayList<>(1)).add(span));
    List<Span> tops = new ArrayList<>();
    List<Span> orphans = new ArrayList<>();
    for (Span span : spans) {
      Span parent = parent(span, byId);
      parents.put(span, parent);
      if (parent != null) {
        children.computeIfAbsent(parent, p -> new ArrayList<>()).add(span);
      } else if (span.row().parentId().isEmpty()) {
        tops.add(span);
      } else {
        orphans.add(span);
      }
    }
    tops.addAll(orphans);
    tops.forEach(this::number);
  }

  private static @Nullable Span parent(Span span, Map<String, List<Span>> byId) {
    for (Span twin : byId.getOrDefault(span.row().spanId(), List.of())) {
      if (isServer(span) && twin.row().kind() == Value.Kind.CLIENT) {
        return twin;
      }
    }
    Span found = null;
    for (Span candidate : byId.getOrDefault(span.row().parentId(), List.of())) {
      if (found == null || (isServer(candidate) && !isServer(found))) {
        found = candidate;
      }
    }
    return found;
  }

  private static boolean isServer(Span span) {
    return span.row().kind() == Value.Kind.SERVER;
  }

  /** Walks the tree below a top without recursion: traces may be deep. */
  private void number(Span top) {
    Deque<Step> path = new ArrayDeque<>();
    path.push(new Step(top, top.row().parentId().isEmpty() ? ROOT : NOT_THERE));
    while (!path.isEmpty()) {
      Step step = path.peek();
      if (step.nextChild < step.children.size()) {
        path.push(new Step(step.children.get(step.nextChild++), step.left));
      } else {
        path.pop();
        step.span.takes(
            new Place(
                parents.get(step.span), step.left, next++, step.parentLeft, step.children.size()));
      }
    }
  }

  private final class Step {
    private final Span span;
    private final int parentLeft;
    private final int left = next++;
    private final List<Span> children;
    private int nextChild;

    Step(Span span, int parentLeft) {
      this.span = span;
      this.parentLeft = parentLeft;
      this.children = SpanTree.this.children.getOrDefault(span, List.of());
    }
  }
}
