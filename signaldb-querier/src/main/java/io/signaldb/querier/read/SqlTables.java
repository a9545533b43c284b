package io.signaldb.querier.read;

import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.PromotedAttribute;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.datafusion.MapEntry;
import io.signaldb.datafusion.SessionContext;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.read.TraceTable.Snapshots;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * All tables of a tenant as SQL sees them: {@code tenant.dataset.table}, committed and fresh rows
 * as one. Thread-safe.
 */
public final class SqlTables {
  private final Schemas schemas;
  private final Snapshots snapshots;
  private final WriterStreams writers;
  private final FileQueries queries;
  private final FilePlans plans = new FilePlans();
  private final List<MapEntry> promoted;

  public SqlTables(
      Schemas schemas, Snapshots snapshots, WriterStreams writers, FileQueries queries) {
    this.schemas = schemas;
    this.snapshots = snapshots;
    this.writers = writers;
    this.queries = queries;
    this.promoted = schemas.tables().stream().flatMap(SqlTables::promoted).distinct().toList();
  }

  /** {@code span_attributes['http.route']} is found in the column it has been promoted to. */
  private static Stream<MapEntry> promoted(TableSchema table) {
    return table.attributes().promoted().stream()
        .filter(attribute -> inColumns(attribute.scope()))
        .map(attribute -> entry(table, attribute));
  }

  private static boolean inColumns(AttributeScope scope) {
    return scope != AttributeScope.EVENT && scope != AttributeScope.LINK;
  }

  private static MapEntry entry(TableSchema table, PromotedAttribute attribute) {
    String map = table.attributes().mapColumn(attribute.scope(), attribute.type());
    return new MapEntry(map, attribute.key(), attribute.column());
  }

  /**
   * The tables for one statement.
   *
   * @param home of tables that are named without a dataset
   * @param datasets slugs of the tenant's datasets whose tables may be read
   * @param text of the statement
   * @return the caller closes it
   */
  public SqlSession open(QueryScope scope, Dataset home, Collection<String> datasets, String text) {
    SessionContext session = queries.session(home, promoted);
    try {
      Map<List<String>, TableSchema> tables = new LinkedHashMap<>();
      for (TableSchema table : schemas.tables()) {
        // A table that is not mentioned cannot be read, and to declare its columns takes time.
        if (mentions(text, table.name())) {
          Stream.concat(Stream.of(home.slug()), datasets.stream())
              .distinct()
              .filter(dataset -> dataset.equals(home.slug()) || mentions(text, dataset))
              .forEach(
                  dataset -> tables.put(List.of(home.tenantSlug(), dataset, table.name()), table));
        }
      }
      tables.forEach(
          (name, table) ->
              session.registerUnion(name.toArray(String[]::new), table.storageArrow()));
      return new SqlSession(scope, session, text, tables, this);
    } catch (RuntimeException e) {
      session.close();
      throw scope.failure(e);
    }
  }

  /** Identifiers have no escapes: whatever names a table has its name in it. */
  private static boolean mentions(String text, String name) {
    return text.toLowerCase(Locale.ROOT).contains(name.toLowerCase(Locale.ROOT));
  }

  Snapshots snapshots() {
    return snapshots;
  }

  WriterStreams writers() {
    return writers;
  }

  FilePlans plans() {
    return plans;
  }

  /** Makes the store of a dataset known to the queries. */
  void reach(Dataset dataset) {
    queries.reach(dataset);
  }
}
