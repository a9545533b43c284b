package io.signaldb.common.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.scan.Operand.ColumnRef;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What scans of sets read; that they find the right sets is tested by Querier and Writer. */
class DistinctTest {
  private static final TableSchema TRACES = Schemas.load().table("traces");

  private static ScanQuery query(Distinct distinct) {
    Condition root =
        new Condition.Compare(
            new ColumnRef("is_root"), ComparisonOperator.EQUAL, new Literal.Bool(true));
    return new ScanQuery("traces", List.of(), root, 1, 2, null, distinct);
  }

  @Test
  void readsATextColumn() {
    ScanQuery query = query(new Distinct.ColumnValues(null, "span_name", 7));

    assertThat(query.toSql(TRACES, "t", "_position").text())
        .isEqualTo(
            "SELECT \"type\", \"value\", max(\"_position\") AS \"_position\" FROM (SELECT 'STRING'"
                + " AS \"type\", CAST(\"span_name\" AS VARCHAR) AS \"value\", \"_position\" FROM t"
                + " WHERE \"start_time_unix_nano\" >= $1 AND \"start_time_unix_nano\" <= $2 AND"
                + " (\"is_root\" = $3)) WHERE \"value\" IS NOT NULL GROUP BY \"type\", \"value\""
                + " LIMIT 7");
    assertThat(query.columnsRead(TRACES))
        .containsExactlyInAnyOrder("span_name", "start_time_unix_nano", "is_root");
  }

  @Test
  void readsAFieldOfAList() {
    ScanQuery query = query(new Distinct.ColumnValues("events", "name", 7));

    assertThat(query.toSql(TRACES, "t").text())
        .contains(
            "CAST(\"element\"['name'] AS VARCHAR)", "(SELECT unnest(\"events\") AS \"element\"");
    assertThat(query.columnsRead(TRACES)).contains("events").doesNotContain("span_name");
  }

  @Test
  void readsNoOtherColumnsThanThoseOfTheAttribute() {
    ScanQuery query =
        query(new Distinct.AttributeValues(List.of(AttributeScope.SPAN), "http.route", 5));

    assertThat(query.columnsRead(TRACES))
        .contains("span_attr_http_route", "span_attributes_int", "span_attributes_double")
        .doesNotContain("resource_attributes", "events");
  }

  @Test
  void escapesKeys() {
    for (AttributeScope scope : List.of(AttributeScope.SPAN, AttributeScope.EVENT)) {
      ScanQuery query = query(new Distinct.AttributeValues(List.of(scope), "a'] --", 5));

      assertThat(query.toSql(TRACES, "t").text()).contains("['a''] --']").doesNotContain("a'] --");
    }
  }

  @Test
  void refusesColumnsTheTableDoesNotHave() {
    assertThatThrownBy(
            () -> query(new Distinct.ColumnValues(null, "x\" FROM y", 1)).toSql(TRACES, "t"))
        .hasMessage("No column 'x\" FROM y' in table traces");
  }

  @Test
  void refusesToReadColumnsAsWell() {
    Distinct keys = new Distinct.Keys(List.of(AttributeScope.SPAN));

    assertThatThrownBy(() -> new ScanQuery("traces", List.of("trace_id"), null, 0, 0, null, keys))
        .hasMessageContaining("expected neither columns nor newestTraces");
    assertThatThrownBy(() -> new Distinct.Keys(List.of())).hasMessageContaining("at least one");
    assertThatThrownBy(() -> new Distinct.ColumnValues(null, "x", 0))
        .hasMessageContaining("limit 0");
  }
}
