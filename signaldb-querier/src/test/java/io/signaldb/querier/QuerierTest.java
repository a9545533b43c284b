package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One Querier; every test has traces and datasets of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuerierTest {
  private QuerierFixture querier;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
  }

  @AfterAll
  void stop() {
    querier.close();
  }

  @Test
  void findsTheSpansOfATraceInFilesAndInWriters() throws Exception {
    FakeWriter writer = querier.writer();
    TestSpan root = TestSpan.root("a1", "1", 0).with("http.route", "/cart").with("odd.key", 7L);
    writer.hold(root, TestSpan.root("b1", "9", 0));
    writer.commit();
    writer.hold(TestSpan.root("a1", "2", 1).childOf(root).failed("no"));

    QuerierFixture.Answer answer = querier.find("a1");

    assertThat(answer.column("span_id")).containsExactly("0000000000000001", "0000000000000002");
    assertThat(answer.rows().get(0))
        .containsEntry("span_attr_http_route", "/cart")
        .containsEntry("service_name", "shop")
        .doesNotContainKey("span_attributes_double");
    assertThat(answer.rows().get(0).get("span_attributes_int").toString()).contains("odd.key", "7");
    assertThat(answer.rows().get(1)).containsEntry("status_message", "no");
    assertThat(answer.metadata()).contains("\"complete\":true");
  }

  @Test
  void takesIdsInEveryForm() throws Exception {
    querier.writer().hold(TestSpan.root("a2", "1", 0));
    for (String id : List.of("a2", "A2", "000a2", "000000000000000000000000000000a2")) {
      assertThat(querier.find(id).column("trace_id"))
          .containsExactly("000000000000000000000000000000a2");
    }
  }

  @Test
  void answersAnUnknownTraceWithNothing() throws Exception {
    QuerierFixture.Answer answer = querier.find("dead");
    assertThat(answer.rows()).isEmpty();
    assertThat(answer.metadata()).contains("\"complete\":true");
  }

  @Test
  void foldsRowsOfOneSpanAndKeepsThoseOfAnotherKind() throws Exception {
    FakeWriter writer = querier.writer();
    TestSpan span = TestSpan.root("a3", "1", 0);
    writer.hold(span, span.named("again"), span.kind(3));
    writer.commit();
    writer.hold(span);

    assertThat(querier.find("a3").column("span_kind_number")).containsExactlyInAnyOrder(2, 3);
    QuerierFixture.Answer found = querier.search("{ trace:id = `a3` }");
    assertThat(found.rows()).hasSize(2);
    assertThat(found.column("matched")).containsOnly(2);
  }

  @Test
  void takesARowThatIsCommittedAndStillHeldOnce() throws Exception {
    FakeWriter writer = querier.writer();
    writer.keepCommittedRows();
    TestSpan span = TestSpan.root("a4", "1", 0);
    writer.hold(span);
    writer.commit();
    writer.hold(TestSpan.root("a4", "2", 0));

    QuerierFixture.Answer answer = querier.find("a4");

    assertThat(answer.column("span_id")).containsExactly("0000000000000001", "0000000000000002");
  }

  @Test
  void readsTheRowsOfAllWriters() throws Exception {
    List<Object> spanIds = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      querier.writer().hold(TestSpan.root("a5", Integer.toString(i), i));
      spanIds.add("000000000000000" + i);
    }
    assertThat(querier.find("a5").column("span_id")).containsExactlyInAnyOrderElementsOf(spanIds);
  }

  @Test
  void saysThatAnswersAreIncompleteWhileAWriterCannotBeReached(@TempDir Path directory)
      throws Exception {
    QuerierFixture alone = new QuerierFixture(directory, Map.of());
    try {
      alone.writer().hold(TestSpan.root("a6", "1", 0));
      alone.own(alone.context.register(ServiceType.WRITER, () -> new HostAndPort("127.0.0.1", 1)));
      alone.own(
          alone.context.register(
              ServiceType.ACCEPTOR, () -> new HostAndPort("127.0.0.1", 2), () -> 5));

      QuerierFixture.Answer answer = alone.find("a6");

      assertThat(answer.rows()).hasSize(1);
      assertThat(answer.metadata())
          .contains(
              "\"complete\":false",
              "Writer 127.0.0.1:1 could not be read",
              "5 batches wait in Acceptor 127.0.0.1:2 for a Writer");
      assertThat(alone.search("{}").rows()).hasSize(1);
    } finally {
      alone.close();
    }
  }

  @Test
  void answersADatasetWithoutTableWithNothing(@TempDir Path directory) throws Exception {
    QuerierFixture empty = new QuerierFixture(directory, Map.of());
    try {
      assertThat(empty.find("a7").rows()).isEmpty();
      assertThat(empty.search("{}").rows()).isEmpty();
      assertThat(empty.ask("tag_values:default:default:{\"tag\":\"name\"}").rows()).isEmpty();
      assertThat(new HashSet<>(empty.ask("tags:default:default:{}").column("scope")))
          .containsExactly("intrinsic");
    } finally {
      empty.close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "find_trace:default:default:xyz       | INVALID_ARGUMENT | Invalid trace id 'xyz'",
        "find_trace:default:default:00000000000000000000000000000000a1 | INVALID_ARGUMENT | expected 1 to 32 hexadecimal digits",
        "find_trace:default:default:a1:9:5    | INVALID_ARGUMENT | start 9 is after end 5",
        "find_trace:default:../x:a1           | INVALID_ARGUMENT | Invalid dataset slug '../x'",
        "find_trace:other:default:a1          | PERMISSION_DENIED | Dataset 'default' of tenant 'other' is not the caller's",
        "search_traces:default:other:{}       | PERMISSION_DENIED | Dataset 'other' of tenant 'default'",
        "search_traces:default:default:{\"limit\":-1} | INVALID_ARGUMENT | Invalid limit -1: expected 1 to 262144",
        "search_traces:default:default:nonsense | INVALID_ARGUMENT | Invalid search parameters",
        "SELECT 1                             | INVALID_ARGUMENT | Invalid ticket 'SELECT 1'",
        "tags:default:default:{\"scope\":\"nonsense\"} | INVALID_ARGUMENT | Invalid scope 'nonsense': expected resource, span",
        "tag_values:default:default:{\"tag\":\"service.name\"} | INVALID_ARGUMENT | Invalid tag 'service.name'",
        "tag_values:default:default:{\"tag\":\".a\",\"limit\":0} | INVALID_ARGUMENT | Invalid limit 0: expected 1 to 100000",
      })
  void refusesBadTickets(String ticket, ErrorCode code, String message) {
    assertThatThrownBy(() -> querier.ask(ticket))
        .isInstanceOfSatisfying(SignalDbException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void refusesTicketsThatAreForAWriter() {
    assertThatThrownBy(
            () ->
                querier.ask(
                    "fresh:default:default:traces:{\"table\":\"traces\",\"columns\":[],"
                        + "\"startUnixNano\":0,\"endUnixNano\":0}"))
        .hasMessageContaining("A Querier does not answer 'fresh' tickets");
  }

  /** Does not answer before the question is given up, nor then. */
  private static void failAfter(CountDownLatch givenUp) {
    try {
      givenUp.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw CallStatus.CANCELLED.toRuntimeException();
  }

  @Test
  void stopsAQueryThatRunsTooLong(@TempDir Path directory) throws Exception {
    QuerierFixture hasty = new QuerierFixture(directory, Map.of("querier.query_timeout", "50ms"));
    CountDownLatch stopped = new CountDownLatch(1);
    try {
      hasty.writer().hold(TestSpan.root("a8", "1", 0));
      hasty.writer().beforeAnswer(() -> failAfter(stopped));
      assertThatThrownBy(() -> hasty.search("{}"))
          .isInstanceOfSatisfying(
              SignalDbException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED))
          .hasMessageContaining("The query ran longer than 50 ms");
    } finally {
      stopped.countDown();
      hasty.close();
    }
  }

  @Test
  void survivesAClientThatLeaves() throws Exception {
    querier.writer().hold(TestSpan.root("a9", "1", 0));
    byte[] ticket = new QueryTicket.FindTrace("default", "default", "a9", null, null).toBytes();
    for (int i = 0; i < 5; i++) {
      FlightStream stream = querier.open(ticket);
      stream.cancel("changed my mind", null);
      stream.close();
    }
    assertThat(querier.find("a9").rows()).hasSize(1);
  }
}
