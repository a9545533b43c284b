package io.signaldb.common.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.scan.Distinct;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.schema.AttributeScope;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class QueryTicketTest {
  private static final String ID = "0123456789abcdef0123456789abcdef";

  static Stream<QueryTicket> tickets() {
    SearchParams search =
        new SearchParams("{ name = \"a:b\" }", null, 1_000_000L, null, 20, 1L, 2L, 3);
    ScanQuery scan = new ScanQuery("traces", List.of("trace_id"), null, 1, 2, 5);
    SqlStatement statement =
        new SqlStatement(
            "SELECT ':' \u00e4 $1",
            Arrays.asList("text", 7L, Double.NaN, 1.0, true, Instant.ofEpochSecond(1, 2), null));
    QueryTicket.Sql sql = new QueryTicket.Sql("t", "d", List.of("d", "e"), statement);
    return Stream.of(
        sql,
        new QueryTicket.DescribeSql(sql),
        new QueryTicket.FindTrace("t", "d", ID, null, null),
        new QueryTicket.FindTrace("t", "d", ID, 10L, 20L),
        new QueryTicket.SearchTraces("t", "d", search),
        new QueryTicket.Fresh("t", "d", scan),
        new QueryTicket.Fresh(
            "t",
            "d",
            new ScanQuery(
                "traces",
                List.of(),
                null,
                0,
                0,
                null,
                new Distinct.AttributeValues(List.of(AttributeScope.SPAN), "a:b", 5))),
        new QueryTicket.QueryRange(
            "t", "d", "{ .a = \":\" } | rate()", new TimeSteps(0, 60, 20), 5, null),
        new QueryTicket.QueryInstant("t", "d", "{} | rate()", TimeSteps.one(5, 7), 100),
        new QueryTicket.Tags("t", "d", "span", 1L, 2L, "{}", 5),
        new QueryTicket.Tags("t", "d", null, null, null, null, null),
        new QueryTicket.TagValues("t", "d", "span.http:x", 1L, 2L, null, 7));
  }

  @ParameterizedTest
  @MethodSource("tickets")
  void isReadBack(QueryTicket ticket) {
    assertThat(QueryTicket.parse(ticket.toBytes())).isEqualTo(ticket);
  }

  @Test
  void looksAsClientsOfTheTicketExpect() {
    assertThat(text(new QueryTicket.FindTrace("t", "d", ID, 10L, 20L)))
        .isEqualTo("find_trace:t:d:" + ID + ":10:20");
    SearchParams nothing = new SearchParams(null, null, null, null, null, null, null, null);
    assertThat(text(new QueryTicket.SearchTraces("t", "d", nothing)))
        .isEqualTo(
            "search_traces:t:d:{\"q\":null,\"tags\":null,\"min_duration\":null,"
                + "\"max_duration\":null,\"limit\":null,\"start\":null,\"end\":null,\"spss\":null}");
  }

  @Test
  void padsAndFoldsTraceIds() {
    assertThat(new QueryTicket.FindTrace("t", "d", "ABCDEF", null, null).traceId())
        .isEqualTo("00000000000000000000000000abcdef");
  }

  @Test
  void toleratesParametersOfLaterReleases() {
    byte[] ticket =
        "search_traces:t:d:{\"limit\":3,\"order\":\"asc\"}".getBytes(StandardCharsets.UTF_8);
    assertThat(QueryTicket.parse(ticket))
        .isInstanceOfSatisfying(
            QueryTicket.SearchTraces.class, t -> assertThat(t.params().limit()).isEqualTo(3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "find_trace | Invalid ticket 'find_trace': expected kind:tenant:dataset:parameters",
        "SELECT 1:a:b:c | Unknown ticket kind 'SELECT 1': expected find_trace",
        "find_trace:../x:d:1 | Invalid tenant slug '../x'",
        "find_trace:t:a.b:1 | Invalid dataset slug 'a.b'",
        "find_trace:t:d:xyz | Invalid trace id 'xyz': expected 1 to 32 hexadecimal digits",
        "find_trace:t:d: | Invalid trace id ''",
        "find_trace:t:d:0123456789abcdef0123456789abcdef0 | Invalid trace id",
        "find_trace:t:d:1:2 | expected <trace id>[:<start>:<end>]",
        "find_trace:t:d:1:a:2 | Invalid time 'a' in find_trace ticket: expected Unix seconds",
        "search_traces:t:d: | Invalid search parameters: expected a JSON object",
        "search_traces:t:d:{\"limit\":\"x\"} | field 'limit' is \"x\"; expected a 32-bit integer",
        "search_traces:t:d:{\"q\":3} | field 'q' is 3; expected a string",
        "search_traces:../x:d:{} | Invalid tenant slug",
        "query_range:t:d:{\"q\":\"x\",\"start\":1,\"end\":9,\"step\":3} | Invalid step 3: expected a positive part of the range of 8 ns",
        "query_range:t:d:{\"q\":\"x\",\"start\":1,\"end\":9,\"step\":0} | Invalid step 0",
        "query_range:t:d:{\"q\":\"x\",\"start\":9,\"end\":9,\"step\":1} | start before end",
        "query_range:t:d:{\"start\":1,\"end\":9,\"step\":1} | field 'q' is missing",
        "query_instant:t:d:{\"q\":\"x\",\"start\":1} | field 'end' is missing",
        "tag_values:t:d:{} | field 'tag' is missing; expected a string",
        "tags:t:../d:{} | Invalid dataset slug",
        "fresh:t:d:logs:{} | Invalid scan query",
      })
  void refusesOtherTickets(String ticket, String message) {
    assertThatThrownBy(() -> QueryTicket.parse(ticket.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }

  @Test
  void refusesAScanOfAnotherTableThanTheTicketNames() {
    String json = new ScanQuery("traces", List.of(), null, 0, 0, null).toJson();
    byte[] ticket = ("fresh:t:d:logs:" + json).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> QueryTicket.parse(ticket))
        .hasMessageContaining("expected <table>:<scan query of that table>");
  }

  private static String text(QueryTicket ticket) {
    return new String(ticket.toBytes(), StandardCharsets.UTF_8);
  }
}
