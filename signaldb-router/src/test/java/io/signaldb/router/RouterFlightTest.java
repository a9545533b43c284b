package io.signaldb.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SearchParams;
import io.signaldb.common.flight.SearchResult;
import io.signaldb.common.schema.Schemas;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Router's Flight port, with a Flight server in the place of a Querier. */
class RouterFlightTest extends RouterTestCase {
  private static final Schema SPANS = Schemas.load().table("traces").storageArrow();
  private static final List<Map<String, Object>> ONE_SPAN =
      List.of(Map.of("trace_id", "0".repeat(29) + "abc", "span_id", "00000000000000a1"));

  private static FlightClient client;

  @BeforeAll
  static void connect() {
    client = router.flight();
  }

  @AfterAll
  static void disconnect() throws Exception {
    client.close();
  }

  private static FlightDescriptor command(String text) {
    return FlightDescriptor.command(text.getBytes(StandardCharsets.UTF_8));
  }

  @SuppressWarnings("try") // close declares InterruptedException
  private List<String> spanIds(String ticket) throws Exception {
    List<String> ids = new ArrayList<>();
    try (FlightStream stream =
        client.getStream(new Ticket(ticket.getBytes(StandardCharsets.UTF_8)))) {
      while (stream.next()) {
        for (int row = 0; row < stream.getRoot().getRowCount(); row++) {
          ids.add(stream.getRoot().getVector("span_id").getObject(row).toString());
        }
      }
    }
    return ids;
  }

  @Test
  void listsWhatCanBeAsked() {
    List<FlightInfo> flights = new ArrayList<>();
    client.listFlights(Criteria.ALL).forEach(flights::add);
    assertThat(flights)
        .extracting(info -> new String(info.getDescriptor().getCommand(), StandardCharsets.UTF_8))
        .containsExactly("traces", "trace_by_id");
    assertThat(client.getSchema(command("trace_by_id?id=1")).getSchema()).isEqualTo(SPANS);
    assertThat(client.getInfo(command("traces")).getSchemaOptional()).contains(SearchResult.SCHEMA);
  }

  @Test
  void answersTraceById() throws Exception {
    querier.answer(SPANS, ONE_SPAN);
    FlightInfo info = client.getInfo(command("trace_by_id?id=ABC&start=1&end=2"));
    byte[] ticket = info.getEndpoints().get(0).getTicket().getBytes();
    assertThat(spanIds(new String(ticket, StandardCharsets.UTF_8)))
        .containsExactly("00000000000000a1");
    assertThat(querier.takeTicket())
        .isEqualTo(new QueryTicket.FindTrace("default", "default", "0".repeat(29) + "abc", 1L, 2L));
  }

  @Test
  void answersTraces() throws Exception {
    querier.answer(SearchResult.SCHEMA, List.of());
    assertThat(spanIds("traces?q=%7Bname%3D%22a%26b%22%7D&limit=3")).isEmpty();
    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.SearchTraces(
                "default",
                "default",
                new SearchParams("{name=\"a&b\"}", null, null, null, 3, null, null, null)));
  }

  @ParameterizedTest
  @CsvSource({
    "trace_by_id, expected trace_by_id?id=<trace id>",
    "trace_by_id?id=xyz, 1 to 32 hexadecimal digits",
    "traces?limit=-1, limit '-1'",
    "profiles, 'profiles'",
    "'', traces or trace_by_id",
  })
  void refusesBadTickets(String ticket, String message) {
    assertThatThrownBy(() -> spanIds(ticket))
        .isInstanceOfSatisfying(
            FlightRuntimeException.class,
            e -> assertThat(e.status().code()).isEqualTo(CallStatus.INVALID_ARGUMENT.code()))
        .hasMessageContaining(message);
  }

  @Test
  void refusesDescriptorsItDoesNotKnow() {
    assertThatThrownBy(() -> client.getInfo(FlightDescriptor.path("traces")))
        .hasMessageContaining("No command provided");
    assertThatThrownBy(() -> client.getSchema(command("SELECT 1")))
        .hasMessageContaining("Unknown query type: 'SELECT 1'");
  }

  @Test
  void passesErrorsOfTheQuerier() {
    querier.fail(new SignalDbException(ErrorCode.RESOURCE_EXHAUSTED, "8 queries are running"));
    assertThatThrownBy(() -> spanIds("traces"))
        .isInstanceOfSatisfying(
            FlightRuntimeException.class,
            e -> assertThat(e.status().code()).isEqualTo(CallStatus.RESOURCE_EXHAUSTED.code()))
        .hasMessageContaining("8 queries are running");
  }

  @Test
  @SuppressWarnings("try") // close declares InterruptedException
  void cancelsTheQueryOfAClientThatCancels() throws Exception {
    querier.script((ticket, reply) -> reply.hang(SPANS));
    try (FlightStream stream =
        client.getStream(new Ticket("trace_by_id?id=1".getBytes(StandardCharsets.UTF_8)))) {
      assertThat(stream.getSchema()).isEqualTo(SPANS);
      stream.cancel("enough", null);
      assertThat(querier.cancelled().tryAcquire(3, TimeUnit.SECONDS)).isTrue();
    }
  }
}
