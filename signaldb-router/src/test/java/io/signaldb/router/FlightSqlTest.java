package io.signaldb.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SqlDescription;
import io.signaldb.common.flight.SqlStatement;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.CancelFlightInfoRequest;
import org.apache.arrow.flight.CancelStatus;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.PreparedStatement;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlInfo;
import org.apache.arrow.flight.sql.util.TableRef;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flight SQL of the Router, with a Flight server in the place of a Querier. */
class FlightSqlTest {
  private static final ArrowType LONG = new ArrowType.Int(64, true);
  private static final Schema ANSWER =
      new Schema(List.of(Field.nullable("name", ArrowType.Utf8.INSTANCE)));
  private static final Schema NO_PLACEHOLDERS = new Schema(List.of());

  private static TestRouter router;
  private static FakeQuerier querier;
  private static FlightSqlClient client;
  private static BufferAllocator allocator;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    router = TestRouter.start(directory, Map.of("sql.max_text_bytes", "1000"));
    querier = router.querier();
    client = new FlightSqlClient(router.flight());
    allocator = new RootAllocator();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    router.close();
    allocator.close();
  }

  @AfterEach
  void forgetTickets() {
    querier.forgetTickets();
  }

  private static void answer(Schema placeholders) {
    querier.script(
        (ticket, reply) -> {
          if (ticket instanceof QueryTicket.DescribeSql) {
            reply.describe(new SqlDescription(placeholders, ANSWER));
          } else {
            reply.send(
                ANSWER,
                List.of(Map.of("name", "a"), Map.of("name", "b")),
                new io.signaldb.common.flight.AnswerSummary(1, 2, null));
          }
        });
  }

  private static List<String> read(FlightInfo info, String column) throws Exception {
    List<String> values = new ArrayList<>();
    FlightStream stream = client.getStream(info.getEndpoints().get(0).getTicket());
    try {
      while (stream.next()) {
        for (int row = 0; row < stream.getRoot().getRowCount(); row++) {
          values.add(stream.getRoot().getVector(column).getObject(row).toString());
        }
      }
      return values;
    } finally {
      stream.close();
    }
  }

  private static void assertFails(ThrowingCallable call, FlightStatusCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FlightRuntimeException.class,
            e -> assertThat(e.status().code()).as(e.getMessage()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void passesAStatementAndItsRowsOn() throws Exception {
    answer(NO_PLACEHOLDERS);
    FlightInfo info = client.execute("SELECT name FROM traces");
    assertThat(info.getSchemaOptional()).contains(ANSWER);
    assertThat(read(info, "name")).containsExactly("a", "b");
    QueryTicket.Sql sql =
        new QueryTicket.Sql(
            "default",
            "default",
            List.of("default"),
            new SqlStatement("SELECT name FROM traces", List.of()));
    assertThat(querier.takeTicket()).isEqualTo(new QueryTicket.DescribeSql(sql));
    assertThat(querier.takeTicket()).isEqualTo(sql);
  }

  @Test
  void passesErrorsOn() {
    querier.fail(new SignalDbException(ErrorCode.INVALID_ARGUMENT, "table 'x' not found"));
    assertFails(
        () -> client.execute("SELECT 1 FROM x"),
        FlightStatusCode.INVALID_ARGUMENT,
        "table 'x' not found");
  }

  @Test
  void bindsTheValuesOfAPreparedStatement() throws Exception {
    answer(
        new Schema(
            List.of(
                Field.nullable("$1", LONG),
                Field.nullable("$2", ArrowType.Null.INSTANCE),
                Field.nullable("$3", LONG))));
    try (PreparedStatement statement = client.prepare("SELECT name FROM traces WHERE $1 = $2")) {
      assertThat(statement.getResultSetSchema()).isEqualTo(ANSWER);
      assertThat((Object) statement.getParameterSchema().findField("$2").getType())
          .isEqualTo(ArrowType.Utf8.INSTANCE);
      BigIntVector number = new BigIntVector("$1", allocator);
      VarCharVector text = new VarCharVector("$2", allocator);
      TimeStampMicroVector time = new TimeStampMicroVector("$3", allocator);
      number.setSafe(0, 7);
      text.setSafe(0, "x".getBytes(StandardCharsets.UTF_8));
      time.setSafe(0, 1_500_000);
      VectorSchemaRoot values = VectorSchemaRoot.of(number, text, time);
      values.setRowCount(1);
      statement.setParameters(values);
      assertThat(read(statement.execute(), "name")).containsExactly("a", "b");
    }
    querier.takeTicket();
    assertThat(((QueryTicket.DescribeSql) querier.takeTicket()).query().statement().values())
        .containsExactly(7L, "x", Instant.ofEpochSecond(1, 500_000_000));
    assertThat(((QueryTicket.Sql) querier.takeTicket()).statement().values())
        .containsExactly(7L, "x", Instant.ofEpochSecond(1, 500_000_000));
  }

  @Test
  void refusesAWrongNumberOfValuesOrRowsAndTypesItDoesNotTake() throws Exception {
    answer(new Schema(List.of(Field.nullable("$1", LONG))));
    try (PreparedStatement statement = client.prepare("SELECT $1")) {
      assertFails(
          statement::execute,
          FlightStatusCode.INVALID_ARGUMENT,
          "1 placeholders but 0 values were bound");
    }
    BigIntVector one = new BigIntVector("a", allocator);
    BigIntVector two = new BigIntVector("b", allocator);
    one.setSafe(0, 1);
    two.setSafe(0, 2);
    assertRefused(VectorSchemaRoot.of(one, two), 1, "1 placeholders but 2 values were bound");
    BigIntVector many = new BigIntVector("a", allocator);
    many.setSafe(0, 1);
    many.setSafe(1, 2);
    assertRefused(VectorSchemaRoot.of(many), 2, "2 rows of values were bound");
    VarBinaryVector bytes = new VarBinaryVector("a", allocator);
    bytes.setSafe(0, new byte[] {1});
    assertRefused(VectorSchemaRoot.of(bytes), 1, "value of $1 has type Binary");
  }

  private static void assertRefused(VectorSchemaRoot values, int rows, String message)
      throws Exception {
    values.setRowCount(rows);
    try (PreparedStatement statement = client.prepare("SELECT $1")) {
      statement.setParameters(values);
      assertFails(statement::execute, FlightStatusCode.INVALID_ARGUMENT, message);
    }
  }

  @Test
  void cancelsAStatement() throws Exception {
    querier.script(
        (ticket, reply) -> {
          if (ticket instanceof QueryTicket.DescribeSql) {
            reply.describe(new SqlDescription(NO_PLACEHOLDERS, ANSWER));
          } else {
            reply.hang(ANSWER);
          }
        });
    FlightInfo info = client.execute("SELECT 1");
    CancelFlightInfoRequest request = new CancelFlightInfoRequest(info);
    assertThat(client.cancelFlightInfo(request).getStatus())
        .isEqualTo(CancelStatus.NOT_CANCELLABLE);
    FlightStream stream = client.getStream(info.getEndpoints().get(0).getTicket());
    try {
      assertThat(stream.getSchema()).isEqualTo(ANSWER);
      assertThat(client.cancelFlightInfo(request).getStatus()).isEqualTo(CancelStatus.CANCELLING);
      assertThat(querier.cancelled().tryAcquire(3, TimeUnit.SECONDS)).isTrue();
      assertFails(stream::next, FlightStatusCode.CANCELLED, "cancelled");
    } finally {
      stream.close();
    }
  }

  @Test
  void listsEveryTableWithItsColumns() throws Exception {
    List<String> names = Schemas.load().tables().stream().map(TableSchema::name).toList();
    assertThat(read(client.getCatalogs(), "catalog_name")).containsExactly("default");
    assertThat(read(client.getSchemas("default", "def%"), "db_schema_name"))
        .containsExactly("default");
    assertThat(read(client.getSchemas("other", null), "db_schema_name")).isEmpty();
    assertThat(read(client.getTables("default", null, null, null, true), "table_name"))
        .containsExactlyElementsOf(names);
    assertThat(
            read(
                client.getTables(null, "default", "t_aces", List.of("TABLE"), false), "table_name"))
        .containsExactly("traces");
    assertThat(read(client.getTables(null, null, "t.*", null, false), "table_name")).isEmpty();
    assertThat(read(client.getTables(null, null, null, List.of("VIEW"), false), "table_name"))
        .isEmpty();
    assertThat(read(client.getTableTypes(), "table_type")).containsExactly("TABLE");
    TableRef traces = TableRef.of("default", "default", "traces");
    assertThat(read(client.getPrimaryKeys(traces), "column_name")).isEmpty();
    assertThat(read(client.getExportedKeys(traces), "pk_column_name")).isEmpty();
    assertThat(read(client.getImportedKeys(traces), "pk_column_name")).isEmpty();
    assertThat(read(client.getCrossReference(traces, traces), "pk_column_name")).isEmpty();
    assertThat(read(client.getXdbcTypeInfo(), "type_name")).contains("VARCHAR", "BIGINT");
    assertThat(read(client.getSqlInfo(SqlInfo.FLIGHT_SQL_SERVER_READ_ONLY), "value"))
        .containsExactly("true");
  }

  @Test
  void refusesWhatIsNotForReading() {
    assertFails(
        () -> client.executeUpdate("DELETE FROM traces"),
        FlightStatusCode.INVALID_ARGUMENT,
        "SQL is for reading");
    assertFails(
        () -> client.execute("SELECT '" + "x".repeat(1000) + "'"),
        FlightStatusCode.RESOURCE_EXHAUSTED,
        "at most 1000 (sql.max_text_bytes)");
    assertFails(
        () -> client.execute(" "), FlightStatusCode.INVALID_ARGUMENT, "The statement is empty");
    assertFails(() -> client.beginTransaction(), FlightStatusCode.UNIMPLEMENTED, "");
  }
}
