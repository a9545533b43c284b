package io.signaldb.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.schema.Schemas;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Router does with Queriers that cannot be reached, or none at all. */
class QuerierChoiceTest {
  private static final Schema SPANS = Schemas.load().table("traces").storageArrow();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static HttpResponse<String> get(TestRouter router, String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(router.http(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void passesOverAQuerierThatCannotBeReached(@TempDir Path directory) throws Exception {
    try (TestRouter router = TestRouter.start(directory)) {
      router.registerUnreachableQuerier();
      router.querier().answer(SPANS, List.of());
      for (int i = 0; i < 4; i++) {
        assertThat(get(router, "/api/v2/traces/1").statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void tellsWhatToDoWithoutAQuerier(@TempDir Path directory) throws Exception {
    try (TestRouter router = TestRouter.start(directory)) {
      assertThat(get(router, "/ready").statusCode()).isEqualTo(200);
      router.stopQuerier();
      HttpResponse<String> response = get(router, "/tempo/api/search");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).contains("No Querier");
      HttpResponse<String> ready = get(router, "/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("No Querier");
    }
  }
}
