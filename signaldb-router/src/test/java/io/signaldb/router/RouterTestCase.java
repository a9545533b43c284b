package io.signaldb.router;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * One Router for all tests of a class, with a Flight server in the place of a Querier. A test finds
 * no tickets of others.
 */
abstract class RouterTestCase {
  static final ObjectMapper JSON = new ObjectMapper();
  static final HttpClient http = HttpClient.newHttpClient();
  static TestRouter router;
  static FakeQuerier querier;

  @BeforeAll
  static void startRouter(@TempDir Path directory) throws Exception {
    router = TestRouter.start(directory);
    querier = router.querier();
  }

  @AfterAll
  static void stopRouter() {
    router.close();
  }

  @AfterEach
  void forgetTickets() {
    querier.forgetTickets();
  }

  /**
   * @param headers names and values in turn
   */
  static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(router.http(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }
}
