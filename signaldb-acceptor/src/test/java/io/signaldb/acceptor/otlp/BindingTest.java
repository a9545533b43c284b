package io.signaldb.acceptor.otlp;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BindingTest {
  private static final AttributeLimits LIMITS = RowLimits.DEFAULT.attributes();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type = \"string\", source = \"span.nme\"|Column c: source 'nme' is no field of Span",
        "type = \"string\", source = \"span.status.nme\"|Column c: source 'nme' is no field of Status",
        "type = \"int64\", source = \"span.name\"|Column c: source is of Java type String, expected long",
        "type = \"int32\", source = \"span.start_time_unix_nano\"|Column c: source is of Java type long, expected int",
        "type = \"string\", source = \"span.trace_id\"|Column c: source is of Java type ByteString, expected String",
        "type = \"string\", source = \"span.name\", codec = \"hex\"|Column c: source is of Java type String, expected ByteString",
        "type = \"string\", source = \"span.name\", codec = \"span_kind\"|Column c: source is of Java type String, expected int",
        "type = \"timestamp\", source = \"span.start_time_unix_nano\"|Column c: no OTLP field has the type TIMESTAMP",
        "type = \"attributes\", scope = \"span\", source = \"span.events\"|Column c: source is no list of KeyValue",
        "type = \"list<e>\", source = \"span.name\"|Column c: source is of Java type String, expected List",
        "type = \"list<e>\", source = \"span.links\"|Column n: source 'name' is no field of Link",
        "type = \"int64\", derive = \"duration\", source = \"scope\"|Column c: derived from a ScopeSpans, expected a Span",
        "type = \"string\", derive = \"service_name\", source = \"resource\"|Column c: derived from a ResourceSpans, expected a Resource",
        "type = \"string\", derive = \"duration\", source = \"span\"|Column c: DURATION is no STRING",
        "type = \"string\", source = \"log.body\"|Table t: no message 'log' in a row, expected one of [resource, scope, span]",
      })
  void refusesAWrongSourceNamingTheColumn(String column, String message) {
    assertThatThrownBy(() -> new BatchBuilder<>(table(column), SpanRow.class, LIMITS, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void bindsAnyFieldOfTheMessagesOfARow() {
    TableSchema table = table("type = \"string\", source = \"scope.scope.name\"");

    assertThatCode(() -> new BatchBuilder<>(table, SpanRow.class, LIMITS, 1))
        .doesNotThrowAnyException();
  }

  private static TableSchema table(String column) {
    String toml =
        """
        [structs.e]
        fields = [{ name = "n", type = "string", source = "e.name", doc = "d" }]
        [t]
        signal = "traces"
        wire = "v1"
        storage = "v1"
        [t.v1]
        description = "d"
        fields = [{ name = "c", doc = "d", %s }]
        """
            .formatted(column);
    return Schemas.parse(toml).table("t");
  }
}
