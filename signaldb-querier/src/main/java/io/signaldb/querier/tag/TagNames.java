package io.signaldb.querier.tag;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.PromotedAttribute;
import io.signaldb.querier.read.BatchConsumer;
import io.signaldb.querier.read.Engine;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.RowFilter;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.tag.TagTable.Pair;
import io.signaldb.querier.traceql.Intrinsic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/**
 * Lists the keys of attributes, by scope, and the intrinsics. The keys of a file never change, so
 * they are looked up once. Thread-safe.
 */
public final class TagNames {
  private static final String INTRINSIC = "intrinsic";
  private static final Map<AttributeScope, String> SCOPES = scopes();
  private static final Map<AttributeScope, String> LISTS =
      Map.of(AttributeScope.EVENT, "events", AttributeScope.LINK, "links");

  /** Committed spans looked at for one answer; more only if their files are known already. */
  private static final long MAX_ROWS = 2_000_000;

  /** Traces of which Writers send the rows not committed yet. */
  private static final int FRESH_TRACES = 200;

  private static final int FILES_KNOWN = 10_000;

  private final TraceTable table;
  private final AttributeColumns attributes;
  private final Map<String, Set<Pair>> byFile =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Set<Pair>> eldest) {
          return size() > FILES_KNOWN;
        }
      };

  public TagNames(TraceTable table) {
    this.table = table;
    this.attributes = table.schema().attributes();
  }

  /**
   * The names, sorted by scope and name, each once.
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
    return new TagTable(
        "scope",
        "tag",
        names.stream()
            .filter(pair -> wanted == null || pair.first().equals(wanted))
            .sorted(Comparator.comparing(Pair::first).thenComparing(Pair::second))
            .toList());
  }

  private void collect(
      QueryScope scope,
      Dataset dataset,
      @Nullable Condition where,
      TimeRange range,
      Set<Pair> names) {
    List<String> columns = new ArrayList<>(LISTS.values());
    attributes.promoted().forEach(promoted -> columns.add(promoted.column()));
    mapColumns().keySet().forEach(columns::add);
    try (TraceTable.View view = table.open(scope, dataset, columns, where, range, FRESH_TRACES)) {
      view.fresh((batch, visible) -> freshNames(batch, names));
      columns.addAll(RowFilter.columns(table.schema(), where));
      if (where == null) {
        files(view, columns, names);
      } else {
        Sql filter = RowFilter.of(table.schema(), where, range);
        view.newestFirst(columns, keys(filter), MAX_ROWS, left -> true, pairs(names));
        view.newestFirst(columns, promoted(filter), MAX_ROWS, left -> true, presence(names));
      }
    }
  }

  /** All names in the files, whatever the time of a row: what is known of a file serves again. */
  private void files(TraceTable.View view, List<String> columns, Set<Pair> names) {
    Map<String, Set<Pair>> found = new HashMap<>();
    view.eachFile(
        columns,
        keys(new Sql("", List.of())),
        MAX_ROWS,
        url -> {
          Set<Pair> known = known(url);
          if (known != null) {
            names.addAll(known);
            return null;
          }
          return new NamesOfFile(found.computeIfAbsent(url, key -> new HashSet<>()));
        });
    synchronized (byFile) {
      byFile.putAll(found);
    }
    found.values().forEach(names::addAll);
  }

  /** Promoted attributes are named by the file's columns, others by its rows. */
  private final class NamesOfFile implements TraceTable.FileConsumer {
    private final Set<Pair> names;

    NamesOfFile(Set<Pair> names) {
      this.names = names;
    }

    @Override
    public void columns(List<String> present) {
      present.forEach(
          column -> attributes.promotedBy(column).ifPresent(found -> names.add(pair(found))));
    }

    @Override
    public void rows(VectorSchemaRoot batch, IntPredicate all) {
      pairs(names).accept(batch, all);
    }
  }

  private @Nullable Set<Pair> known(String url) {
    synchronized (byFile) {
      return byFile.get(url);
    }
  }

  /** Rows of scope and key. */
  private static BatchConsumer pairs(Set<Pair> names) {
    return (batch, visible) -> {
      VarCharVector scopes = (VarCharVector) batch.getVector(0);
      VarCharVector keys = (VarCharVector) batch.getVector(1);
      for (int row = 0; row < batch.getRowCount(); row++) {
        names.add(new Pair(scopes.getObject(row).toString(), keys.getObject(row).toString()));
      }
    };
  }

  /** One row with a truth value for each promoted attribute. */
  private BatchConsumer presence(Set<Pair> names) {
    return (batch, visible) -> {
      List<PromotedAttribute> promoted = attributes.promoted();
      for (int i = 0; i < promoted.size() && batch.getRowCount() > 0; i++) {
        if (((BitVector) batch.getVector(i)).get(0) != 0) {
          names.add(pair(promoted.get(i)));
        }
      }
    };
  }

  private static Pair pair(PromotedAttribute promoted) {
    return new Pair(SCOPES.getOrDefault(promoted.scope(), ""), promoted.key());
  }

  private Sql promoted(Sql filter) {
    String list =
        attributes.promoted().stream()
            .map(promoted -> "count(\"%s\") > 0".formatted(promoted.column()))
            .collect(Collectors.joining(", "));
    return new Sql("SELECT " + list + " FROM " + Engine.TABLE + filter.text(), filter.params());
  }

  private Sql keys(Sql filter) {
    List<String> selects = new ArrayList<>();
    mapColumns()
        .forEach(
            (column, scope) ->
                selects.add(
                    "SELECT '%s' AS scope, unnest(map_keys(\"%s\")) AS key FROM %s%s"
                        .formatted(SCOPES.get(scope), column, Engine.TABLE, filter.text())));
    LISTS.forEach(
        (scope, list) -> {
          for (AttributeType type : AttributeType.values()) {
            selects.add(
                ("SELECT '%s' AS scope, unnest(map_keys(element['%s'])) AS key"
                        + " FROM (SELECT unnest(\"%s\") AS element FROM %s%s)")
                    .formatted(
                        SCOPES.get(scope),
                        attributes.mapColumn(scope, type),
                        list,
                        Engine.TABLE,
                        filter.text()));
          }
        });
    return new Sql(
        "SELECT DISTINCT scope, key FROM (" + String.join(" UNION ALL ", selects) + ")",
        filter.params());
  }

  /** The columns of the table that are maps of attributes. */
  private Map<String, AttributeScope> mapColumns() {
    Map<String, AttributeScope> columns = new LinkedHashMap<>();
    for (AttributeScope scope : SCOPES.keySet()) {
      if (!LISTS.containsKey(scope)) {
        for (AttributeType type : AttributeType.values()) {
          columns.put(attributes.mapColumn(scope, type), scope);
        }
      }
    }
    return columns;
  }

  private void freshNames(VectorSchemaRoot batch, Set<Pair> names) {
    for (PromotedAttribute promoted : attributes.promoted()) {
      FieldVector vector = batch.getVector(promoted.column());
      if (vector.getNullCount() < batch.getRowCount()) {
        names.add(pair(promoted));
      }
    }
    mapColumns().forEach((column, scope) -> addKeys(batch.getVector(column), scope, names));
    LISTS.forEach(
        (scope, list) -> {
          StructVector elements =
              (StructVector) ((ListVector) batch.getVector(list)).getDataVector();
          for (AttributeType type : AttributeType.values()) {
            addKeys(elements.getChild(attributes.mapColumn(scope, type)), scope, names);
          }
        });
  }

  private static void addKeys(ValueVector vector, AttributeScope scope, Set<Pair> names) {
    StructVector entries = (StructVector) ((MapVector) vector).getDataVector();
    VarCharVector keys = (VarCharVector) entries.getChildByOrdinal(0);
    Set<String> distinct = new LinkedHashSet<>();
    for (int i = 0; i < entries.getValueCount(); i++) {
      distinct.add(keys.getObject(i).toString());
    }
    distinct.forEach(key -> names.add(new Pair(SCOPES.getOrDefault(scope, ""), key)));
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
