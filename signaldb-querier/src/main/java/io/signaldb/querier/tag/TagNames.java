package io.signaldb.querier.tag;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Distinct;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.tag.TagTable.Pair;
import io.signaldb.querier.traceql.Intrinsic;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Lists the keys of attributes, by scope, and the intrinsics. The keys of a file never change, so
 * they are looked up once. Thread-safe.
 */
public final class TagNames {
  private static final String INTRINSIC = "intrinsic";
  private static final Map<AttributeScope, String> SCOPES = scopes();
  private static final Distinct KEYS = new Distinct.Keys(List.copyOf(SCOPES.keySet()));
  private static final int FILES_KNOWN = 100_000;

  private final TraceTable table;
  private final Map<String, Set<Pair>> byFile =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Set<Pair>> eldest) {
          return size() > FILES_KNOWN;
        }
      };

  public TagNames(TraceTable table) {
    this.table = table;
  }

  /**
   * The names, sorted by scope and name, each once. Without a filter they are those of all spans in
   * the hours that the time range touches.
   *
   * @throws SignalDbException INVALID_ARGUMENT for an unknown scope or a start after the end
   */
  public TagTable list(QueryScope scope, QueryTicket.Tags ticket) {
    String wanted = ticket.scope();
    if (wanted != null && !wanted.equals(INTRINSIC) && !SCOPES.containsValue(wanted)) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid scope '%s': expected resource, span, event, link, instrumentation or intrinsic"
              .formatted(wanted));
    }
    TimeRange range = TimeRange.ofSeconds(ticket.startSeconds(), ticket.endSeconds());
    Set<Pair> names = new HashSet<>();
    if (!INTRINSIC.equals(wanted)) {
      Dataset dataset = new Dataset(ticket.tenantSlug(), ticket.datasetSlug());
      collect(scope, dataset, TagFilter.condition(ticket.q()), range, names);
    }
    Intrinsic.COMPLETION_NAMES.forEach(name -> names.add(new Pair(INTRINSIC, name)));
    return new TagTable("scope", "tag", sorted(names, wanted, ticket.limit()));
  }

  private static List<Pair> sorted(
      Set<Pair> names, @Nullable String wanted, @Nullable Integer limitOfScope) {
    Map<String, Integer> taken = new HashMap<>();
    return names.stream()
        .filter(name -> wanted == null || name.first().equals(wanted))
        .sorted(Comparator.comparing(Pair::first).thenComparing(Pair::second))
        .filter(
            name ->
                limitOfScope == null || taken.merge(name.first(), 1, Integer::sum) <= limitOfScope)
        .toList();
  }

  private void collect(
      QueryScope scope,
      Dataset dataset,
      @Nullable Condition where,
      TimeRange range,
      Set<Pair> names) {
    Patience patience = new Patience(scope, "tags");
    try (TraceTable.View view = table.open(scope, dataset, KEYS, where, range)) {
      view.fresh((batch, visible) -> add(batch, names));
      if (where == null) {
        files(view, patience, names);
      } else {
        view.newestFirst(KEYS, where, range, patience::goOn, (batch, visible) -> add(batch, names));
      }
    }
  }

  /** All names in the files: what is known of a file serves again. */
  private void files(TraceTable.View view, Patience patience, Set<Pair> names) {
    view.eachHour(
        KEYS, url -> !addKnown(url, names), patience::goOn, urls -> new NamesOfHour(urls, names));
  }

  private boolean addKnown(String url, Set<Pair> names) {
    synchronized (byFile) {
      Set<Pair> known = byFile.get(url);
      if (known != null) {
        names.addAll(known);
      }
      return known != null;
    }
  }

  private final class NamesOfHour implements TraceTable.HourConsumer {
    private final List<String> urls;
    private final Set<Pair> all;
    private final Set<Pair> ofHour = new HashSet<>();

    NamesOfHour(List<String> urls, Set<Pair> all) {
      this.urls = urls;
      this.all = all;
    }

    @Override
    public void rows(VectorSchemaRoot batch, IntPredicate visible) {
      add(batch, ofHour);
    }

    @Override
    public void complete() {
      synchronized (byFile) {
        urls.forEach(url -> byFile.put(url, ofHour));
      }
      all.addAll(ofHour);
    }
  }

  /** Rows of scope and key. What is in a file already may be there once more. */
  private static void add(VectorSchemaRoot batch, Set<Pair> names) {
    for (int row = 0; row < batch.getRowCount(); row++) {
      AttributeScope scope =
          AttributeScope.valueOf(batch.getVector("scope").getObject(row).toString());
      names.add(
          new Pair(
              SCOPES.getOrDefault(scope, ""), batch.getVector("key").getObject(row).toString()));
    }
  }

  private static Map<AttributeScope, String> scopes() {
    Map<AttributeScope, String> names = new EnumMap<>(AttributeScope.class);
    names.put(AttributeScope.RESOURCE, "resource");
    names.put(AttributeScope.SPAN, "span");
    names.put(AttributeScope.EVENT, "event");
    names.put(AttributeScope.LINK, "link");
    names.put(AttributeScope.SCOPE, "instrumentation");
    return names;
  }
}
