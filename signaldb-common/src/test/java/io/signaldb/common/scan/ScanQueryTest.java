package io.signaldb.common.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.scan.Condition.And;
import io.signaldb.common.scan.Condition.Compare;
import io.signaldb.common.scan.Condition.In;
import io.signaldb.common.scan.Condition.Matches;
import io.signaldb.common.scan.Condition.Not;
import io.signaldb.common.scan.Condition.Or;
import io.signaldb.common.scan.Condition.Present;
import io.signaldb.common.scan.Literal.Bool;
import io.signaldb.common.scan.Literal.Int;
import io.signaldb.common.scan.Literal.Real;
import io.signaldb.common.scan.Literal.Text;
import io.signaldb.common.scan.Operand.AttributeRef;
import io.signaldb.common.scan.Operand.ColumnRef;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanQueryTest {
  private static final TableSchema TRACES = Schemas.load().table("traces");
  private static final Condition IS_ROOT =
      new Compare(new ColumnRef("is_root"), ComparisonOperator.EQUAL, new Bool(true));

  @Test
  void selectsColumnsInTheOrderAsked() {
    Sql sql = query(null, 0, 0, null).toSql(TRACES, "fresh", "_position");

    assertThat(sql.text())
        .isEqualTo("SELECT \"span_name\", \"trace_id\", \"_position\" FROM fresh");
    assertThat(sql.params()).isEmpty();
  }

  @Test
  void selectsAllColumnsWhenNoneIsNamed() {
    Sql sql = new ScanQuery("traces", List.of(), null, 0, 0, null).toSql(TRACES, "t");

    assertThat(sql.text().split(",")).hasSize(TRACES.storage().size());
  }

  @Test
  void restrictsToTheNewestMatchingTraces() {
    Sql sql = query(IS_ROOT, 10, 20, 3).toSql(TRACES, "t");

    assertThat(sql.text())
        .isEqualTo(
            "SELECT \"span_name\", \"trace_id\" FROM t WHERE \"start_time_unix_nano\" >= $1 AND"
                + " \"start_time_unix_nano\" <= $2 AND (\"is_root\" = $3) AND \"trace_id\" IN"
                + " (SELECT \"trace_id\" FROM t WHERE \"start_time_unix_nano\" >= $1 AND"
                + " \"start_time_unix_nano\" <= $2 AND (\"is_root\" = $3) GROUP BY \"trace_id\""
                + " ORDER BY max(\"start_time_unix_nano\") DESC, \"trace_id\" LIMIT 3)");
    assertThat(sql.params()).containsExactly(10L, 20L, true);
  }

  @Test
  void readsWhatItWrote() {
    AttributeRef attribute = new AttributeRef(AttributeScope.RESOURCE, "k'\"\n🔑");
    Condition everything =
        new And(
            List.of(
                new Or(List.of(IS_ROOT, new Or(List.of()))),
                new Not(new Matches(attribute, "a.*", true)),
                new In(
                    attribute,
                    List.of(
                        new Text(""),
                        new Int(Long.MIN_VALUE),
                        new Real(0.1),
                        new Real(Double.NaN),
                        new Real(Double.NEGATIVE_INFINITY),
                        new Bool(false))),
                new Present(attribute),
                new Condition.Structured(attribute)));

    for (Integer newest : new @Nullable Integer[] {null, 7}) {
      ScanQuery query = query(everything, 1, Long.MAX_VALUE, newest);
      assertThat(ScanQuery.parse(query.toJson())).isEqualTo(query);
    }
    ScanQuery unconditional = query(null, 0, 0, null);
    assertThat(ScanQuery.parse(unconditional.toJson())).isEqualTo(unconditional);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"table\":\"t\",\"columns\":[],\"startUnixNano\":0,\"endUnixNano\":0} x",
        "{\"table\":\"t\",\"columns\":[],\"startUnixNano\":5,\"endUnixNano\":4}",
        "{\"table\":\"t\",\"columns\":[],\"startUnixNano\":0,\"endUnixNano\":0,\"newestTraces\":-1}",
        "{\"table\":\"t\",\"columns\":[],\"startUnixNano\":0,\"endUnixNano\":0,\"limit\":1}",
        "{\"table\":\"t\",\"columns\":[null],\"startUnixNano\":0,\"endUnixNano\":0}",
        "{\"table\":\"t\",\"columns\":[],\"startUnixNano\":0,\"endUnixNano\":0,\"where\":{\"type\":\"not\"}}",
        "{\"table\":\"t\",\"columns\":[],\"startUnixNano\":0,\"endUnixNano\":0,\"where\":{\"type\":\"exec\"}}",
        "{\"table\":\"t\",\"columns\":[],\"startUnixNano\":0,\"endUnixNano\":0,\"where\":{\"type\":\"present\"}}",
      })
  void refusesWhatIsNoQuery(String json) {
    assertThatThrownBy(() -> ScanQuery.parse(json))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  @Test
  void refusesConditionsNestedWithoutEnd() {
    String deep =
        "{\"table\":\"t\",\"columns\":[],\"startUnixNano\":0,\"endUnixNano\":0,\"where\":"
            + "{\"type\":\"not\",\"condition\":".repeat(100_000);

    assertThatThrownBy(() -> ScanQuery.parse(deep)).isInstanceOf(SignalDbException.class);
  }

  @Test
  void refusesColumnsTheTableDoesNotHave() {
    ScanQuery query = new ScanQuery("traces", List.of("nope"), null, 0, 0, null);

    assertThatThrownBy(() -> query.toSql(TRACES, "t"))
        .hasMessage("No column 'nope' in table traces");
  }

  private static ScanQuery query(
      @Nullable Condition where, long start, long end, @Nullable Integer newestTraces) {
    return new ScanQuery(
        "traces", List.of("span_name", "trace_id"), where, start, end, newestTraces);
  }
}
