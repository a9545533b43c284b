package io.signaldb.datafusion;

import static io.signaldb.datafusion.QueryTest.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.datafusion.DataFusionException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions for SQL from outside: unions, default names, entries of maps with a column. */
class UnionTest {
  private static final String[] NAME = {"acme", "prod", "spans"};
  private static final Field MAP =
      new Field(
          "attrs",
          FieldType.nullable(new ArrowType.Map(false)),
          List.of(
              new Field(
                  "entries",
                  FieldType.notNullable(ArrowType.Struct.INSTANCE),
                  List.of(
                      Engine.required("key", Engine.TEXT),
                      Engine.optional("value", Engine.TEXT)))));
  private static final Schema SCHEMA =
      Engine.schema(
          Engine.required("id", Engine.LONG),
          Engine.optional("name", Engine.TEXT),
          MAP,
          Engine.optional("attr_route", Engine.TEXT),
          Engine.optional("time", new ArrowType.Timestamp(TimeUnit.MICROSECOND, null)));

  @TempDir Path directory;

  private final Engine engine = new Engine();
  private SessionContext session;

  @BeforeEach
  void openSession() {
    session =
        engine.runtime.newSession(
            "acme", "prod", List.of(new MapEntry("attrs", "route", "attr_route")));
    session.registerUnion(NAME, SCHEMA);
  }

  @AfterEach
  void nothingIsLeft() {
    session.close();
    engine.close();
  }

  private FileRef file(String select) throws IOException {
    Path file = directory.resolve("rows.parquet");
    String url = file.toUri().toString();
    try (SessionContext other = engine.runtime.newSession();
        DataFrame rows = other.sql(select)) {
      rows.writeParquet(url, ParquetWriteOptions.sorted(SCHEMA, List.of("id")));
    }
    return new FileRef(url, Files.size(file));
  }

  private void addRows(String select) throws IOException {
    try (SessionContext other = engine.runtime.newSession();
        DataFrame rows = other.sql(select);
        ArrowReader reader = rows.executeStream(engine.allocator)) {
      session.addReader(NAME, engine.allocator, reader);
    }
  }

  private void addBoth() throws IOException {
    session.addParquet(
        NAME,
        List.of(
            file(
                "SELECT 1 AS id, 'old' AS name, MAP {'k': 'v'} AS attrs, '/a' AS attr_route,"
                    + " TIMESTAMP '2024-01-01T00:00:00' AS time")),
        List.of("id"));
    addRows("SELECT 2 AS id, MAP {'k': 'w'} AS attrs, '/b' AS attr_route");
  }

  private String rows(String sql, @Nullable Object... params) {
    return engine.query(session, sql, params).toString();
  }

  @Test
  void unitesFilesAndReadersUnderEveryFormOfItsName() throws Exception {
    addBoth();
    for (String name : List.of("spans", "prod.spans", "acme.prod.spans")) {
      assertThat(rows("SELECT id, name FROM " + name + " ORDER BY id"))
          .isEqualTo("[{id=1, name=old}, {id=2, name=null}]");
    }
  }

  @Test
  void countsFiltersAndLimitsRowsOfAllParts() throws Exception {
    addBoth();
    assertThat(rows("SELECT count(*) AS n FROM spans")).isEqualTo("[{n=2}]");
    assertThat(rows("SELECT id FROM spans WHERE attr_route = '/b'")).isEqualTo("[{id=2}]");
    assertThat(rows("SELECT id FROM spans WHERE name IS NULL")).isEqualTo("[{id=2}]");
    assertThat(engine.query(session, "SELECT id FROM spans LIMIT 1")).hasSize(1);
    assertThat(rows("SELECT max(id) AS m, time IS NULL AS fresh FROM spans GROUP BY 2 ORDER BY 2"))
        .isEqualTo("[{m=1, fresh=false}, {m=2, fresh=true}]");
  }

  @Test
  void isEmptyBeforeRowsAreAdded() {
    assertThat(rows("SELECT * FROM spans")).isEqualTo("[]");
    assertThat(rows("SELECT count(*) AS n FROM spans")).isEqualTo("[{n=0}]");
  }

  @Test
  void readsTheColumnOfAnEntryWhereverTheMapIsAsked() throws Exception {
    addBoth();
    assertThat(
            rows(
                "SELECT attrs['route'] AS r, s.attrs['k'] AS k, attrs['none'] AS n FROM spans s"
                    + " WHERE attrs['route'] > '/' ORDER BY s.attrs['route']"))
        .isEqualTo("[{r=/a, k=v, n=null}, {r=/b, k=w, n=null}]");
    assertThat(rows("SELECT attrs['route'] AS r, count(*) AS n FROM spans GROUP BY 1 ORDER BY 1"))
        .isEqualTo("[{r=/a, n=1}, {r=/b, n=1}]");
    assertThat(
            rows(
                "WITH s AS (SELECT * FROM spans) SELECT a.attrs['route'] AS a, b.attrs['route'] AS b"
                    + " FROM s a JOIN s b ON a.id + 1 = b.id"))
        .isEqualTo("[{a=/a, b=/b}]");
  }

  @Test
  void tellsWhatAQueryReadsAndReadsRowsAddedAfterwards() throws Exception {
    try (DataFrame frame =
        session.sql(
            "SELECT name FROM spans WHERE id > $1 AND attrs['route'] = '/b' AND EXISTS"
                + " (SELECT 1 FROM generate_series(1, 2))",
            List.of(0))) {
      assertThat(frame.scans())
          .contains(new TableScan("acme", "prod", "spans", List.of("id", "name", "attr_route")));
      addBoth();
      try (ArrowReader reader = frame.executeStream(engine.allocator)) {
        assertThat(Engine.rows(reader)).hasSize(1);
      }
    }
  }

  @Test
  void tellsThatCountingRowsReadsNoColumn() {
    try (DataFrame frame = session.sql("EXPLAIN ANALYZE SELECT count(*) FROM spans")) {
      assertThat(frame.scans()).containsExactly(new TableScan("acme", "prod", "spans", List.of()));
    }
  }

  @Test
  void describesPlaceholdersInOrderWithTheTypesTheirPlacesAskFor() {
    try (DataFrame frame =
        session.sql(
            "SELECT id, $11 AS any FROM spans WHERE name = $2 AND id > $1 AND time >= $10")) {
      QueryDescription description = frame.describe();
      assertThat(description.placeholders())
          .extracting(Field::getName)
          .containsExactly("$1", "$2", "$10", "$11");
      assertThat(description.placeholders())
          .extracting(field -> (Object) field.getType())
          .containsExactly(
              Engine.LONG,
              Engine.TEXT,
              new ArrowType.Timestamp(TimeUnit.MICROSECOND, null),
              ArrowType.Null.INSTANCE);
      assertThat(description.answer().getFields())
          .extracting(Field::getName)
          .containsExactly("id", "any");
    }
  }

  @Test
  void bindsTimes() throws Exception {
    addBoth();
    assertThat(rows("SELECT id FROM spans WHERE time <= $1", Instant.parse("2024-01-01T00:00:00Z")))
        .isEqualTo("[{id=1}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO spans (id) VALUES (1)",
        "UPDATE spans SET id = 1",
        "DELETE FROM spans",
        "DROP TABLE spans",
        "CREATE TABLE t AS SELECT * FROM spans",
        "CREATE VIEW v AS SELECT * FROM spans",
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/etc/passwd'",
        "COPY spans TO '/tmp/x.parquet'",
        "COPY (SELECT * FROM spans) TO '/tmp/x.parquet'",
        "EXPLAIN DELETE FROM spans",
        "EXPLAIN ANALYZE COPY spans TO '/tmp/x.parquet'",
        "SET datafusion.execution.batch_size = 1",
        "BEGIN",
        "PREPARE p AS SELECT 1",
        "TRUNCATE TABLE spans",
      })
  void refusesStatementsThatAreNoQueries(String sql) throws Exception {
    addBoth();
    for (Consumer<DataFrame> use :
        List.<Consumer<DataFrame>>of(
            DataFrame::scans,
            DataFrame::describe,
            frame -> frame.executeStream(engine.allocator))) {
      try (DataFrame frame = session.sql(sql)) {
        assertThatThrownBy(() -> use.accept(frame))
            .isInstanceOfSatisfying(
                DataFusionException.class,
                e -> assertThat(e.kind()).isIn(Kind.PLAN, Kind.UNSUPPORTED));
      }
    }
    assertThat(rows("SELECT count(*) AS n FROM spans")).isEqualTo("[{n=2}]");
  }

  @Test
  void knowsWhatTimeItIsWhenItTellsWhatItReads() throws Exception {
    addBoth();
    try (DataFrame frame = session.sql("SELECT id FROM spans WHERE time < now()")) {
      assertThat(frame.scans()).hasSize(1);
      try (ArrowReader reader = frame.executeStream(engine.allocator)) {
        assertThat(Engine.rows(reader).toString()).isEqualTo("[{id=1}]");
      }
    }
  }

  @Test
  void refusesColumnsThatTheUnionLacksAndUnionsThatAreNot() {
    assertFails(() -> addRows("SELECT 1 AS other"), Kind.ARGUMENT, "\"other\"");
    assertFails(
        () -> session.addParquet(new String[] {"no", "such", "union"}, List.of(), List.of()),
        Kind.ARGUMENT,
        "such");
    assertFails(() -> rows("SELECT id FROM other.prod.spans"), Kind.PLAN, "other.prod.spans");
  }
}
