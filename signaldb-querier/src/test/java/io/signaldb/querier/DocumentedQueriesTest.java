package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.querier.traceql.Query;
import io.signaldb.querier.traceql.TraceQl;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of query that TraceQL's public documentation shows, in other words, is understood. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentedQueriesTest {
  private QuerierFixture querier;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
    FakeWriter writer = querier.writer();
    TestSpan order =
        TestSpan.root("a1", "1", 0)
            .named("PUT /basket")
            .of("web")
            .status(1, "")
            .lasting(7 * TestSpan.SECOND)
            .with("http.method", "PUT")
            .with("http.status_code", 503L)
            .with("http.url", "/basket/7")
            .with("cache.hit", true)
            .with(
                "accept",
                new TestSpan.Json(
                    "{\"arrayValue\":{\"values\":[{\"stringValue\":\"text/html\"},"
                        + "{\"stringValue\":\"image/png\"}]}}"))
            .withResource("deployment.environment", "live")
            .withResource("cloud.region", "north");
    TestSpan stock =
        TestSpan.root("a1", "2", 1)
            .childOf(order)
            .named("SELECT stock")
            .of("store")
            .kind(3)
            .lasting(3 * 1_000_000)
            .failed("no rows")
            .with("db.system", "mysql")
            .with("rows", 4L)
            .with("key with blank", "v")
            .withResource("deployment.environment", "trial")
            .withResource("cloud.region", "south")
            .instrumentedBy("jdbc", "2.1")
            .withScope("language", "java")
            .withEvent("exception", 2_000_000, Map.of("exception.message", "it went wrong"))
            .withLink("c3", "9", Map.of("kind", "follows"));
    writer.hold(order, stock);
    writer.commit();
    writer.hold(
        TestSpan.root("a1", "3", 2).childOf(order).named("notify").of("mail").failed("full"),
        TestSpan.root("b2", "4", 60).named("PUT /basket").of("web").with("http.method", "PUT"));
  }

  @AfterAll
  void close() {
    querier.close();
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        // one span
        "{ }; 4 1 2 3",
        "{resource.service.name = \"web\" && name = \"PUT /basket\"}; 4 1",
        "{ resource.service.name=\"web\" && name = \"PUT /basket\" && span.http.status_code >= 500 }; 1",
        "{ span.http.status_code >= 500 && span.http.status_code < 600 }; 1",
        "{ span.http.method =~ \"PUT|POST\" }; 4 1",
        "{ span.db.system =~ \"my.*|postgres.*\" }; 2",
        "{ span.db.system = nil }; 4 1 3",
        "{ span.db.system != nil }; 2",
        "{ resource.service.version = nil && status = ok }; 1",
        "{ span.cache.hit = true }; 1",
        "{ span.cache.hit || span.db.system = \"mysql\" }; 1 2",
        "{ span.http.method = \"PUT\" && status != ok }; 4",
        "{ span.accept = \"image/png\" }; 1",
        "{ span.accept != \"image/png\" }; ''",
        "{ span.accept != \"text/plain\" }; 1",
        "{ span.accept =~ \"image.*\" }; 1",
        "{ span.accept !~ \"image.*\" }; ''",
        "{ span.\"key with blank\" = \"v\" }; 2",
        "{ span.key.\"with blank\" = \"v\" }; ''",
        "{ span.rows > 2 * 1 + 1 }; 2",
        "{ span.rows != minInt && span.rows != maxInt }; 2",
        "{ span.rows > -1 }; 2",
        // intrinsics
        "{ span:status = error && span:statusMessage = \"full\" }; 3",
        "{ span:name = \"notify\" && span:kind = server && span:duration >= 100ms }; 3",
        "{ span:childCount > 1 }; 1",
        "{ span:childCount = 0 && resource.service.name = \"web\" }; 4",
        "{ trace:duration > 5s }; 1 2 3",
        "{ trace:rootName !~ \".*list.*\" && resource.cloud.region = \"south\" }; 2",
        "{ trace:rootService = \"web\" && trace:id = \"b2\" }; 4",
        "{ span:id = \"2\" && span:parentID = \"1\" }; 2",
        "{ nestedSetParent < 0 }; 4 1",
        "{ event:name = \"exception\" && event:timeSinceStart > 1ms }; 2",
        "{ event:timeSinceStart > -5s }; 2",
        "{ event.exception.message =~ \".*wrong.*\" }; 2",
        "{ event.exception.message = nil && status = error }; 3",
        "{ link:traceID = \"c3\" && link:spanID = \"9\" }; 2",
        "{ link.kind = \"follows\" }; 2",
        "{ instrumentation:name = \"jdbc\" && instrumentation:version = \"2.1\" }; 2",
        "{ instrumentation.language = \"java\" }; 2",
        "{ parent.http.method = \"PUT\" }; 2 3",
        "{ parent = nil }; 4 1",
        // several spans of a trace
        "{ resource.deployment.environment = \"live\" } && { resource.deployment.environment = \"trial\" }; 1 2",
        "{ resource.cloud.region = \"north\" } || { resource.cloud.region = \"south\" }; 1 2",
        "{ resource.cloud.region = \"north\" && resource.cloud.region = \"south\" }; ''",
        "{ span.http.method = \"PUT\" && status = ok } && { status = error }; 1 2 3",
        // structure
        "{ resource.service.name=\"web\" } >> { status = error }; 2 3",
        "{ resource.service.name=\"web\" } > { status = error }; 2 3",
        "{ status = error } << { name = \"PUT /basket\" }; 1",
        "{ status = error } < { name = \"PUT /basket\" }; 1",
        "{ resource.service.name = \"store\" } ~ { resource.service.name=\"mail\" }; 3",
        "{ span.http.url = \"/basket/7\" } &>> { status = error }; 1 2 3",
        "{ } !< { resource.service.name = \"mail\" }; 3",
        "{ status = error } !< { status = error }; 2 3",
        "{ kind = server } !>> { kind = server }; 4 1",
        // pipelines
        "{ status = error } | count() > 1; 2 3",
        "{ resource.deployment.environment = \"live\" && trace:duration > 2s } | count() > 30; ''",
        "count() > 2; 1 2 3",
        "avg(duration) > 2s; 1 2 3",
        "max(duration) > 6s && { status = error }; 1 2 3",
        "{ } | sum(span.rows) > 3; 1 2 3",
        "{ status = error } | by(resource.service.name) | count() = 1; 2 3",
        "{ status = error } | by(resource.service.name) | coalesce() | count() = 2; 2 3",
        "{ status = error } | select(span.http.status_code, span.http.url); 2 3",
        "{ } | { status = error }; 2 3",
        "{} with (most_recent=true); 4 1 2 3",
        "{ status = ok } >> { status = error } with (most_recent=true); 2 3",
      })
  void searches(String query, String expected) throws Exception {
    assertThat(String.join(" ", querier.spans(query))).isEqualTo(expected);
    Query parsed = TraceQl.parse(query);
    assertThat(TraceQl.parse(parsed.text())).isEqualTo(parsed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ status = error } | rate()",
        "{ status = error } | rate() by (resource.service.name, name)",
        "{ name = \"PUT /basket\" } | count_over_time() by (span.http.status_code)",
        "{ name = \"PUT /basket\" } | min_over_time(duration) by (span.http.target)",
        "{ name = \"PUT /basket\" } | max_over_time(span.http.response.size)",
        "{ name = \"PUT /basket\" } | avg_over_time(duration) by (span.http.status_code)",
        "{ } | sum_over_time(span.rows)",
        "{ name = \"PUT /basket\" } | quantile_over_time(duration, .99, .9, .5)",
        "{ } | quantile_over_time(span.temperature, 0.5, 0.95, 1) by (span.http.target)",
        "{ } | histogram_over_time(duration) by (span.key)",
        "{ resource.service.name=\"web\" } | compare({status=error})",
        "{ } | compare({ duration > 1s }, 5, 1700000000000000000, 1700000300000000000)",
        "{ } | rate() by (resource.service.name) | topk(10)",
        "{ } | rate() by (resource.service.name) | bottomk(3)",
        "{ } | rate() by (resource.service.name) > 5",
        "{ } | avg_over_time(duration) by (name) >= 100ms | topk(2)",
        "{ span:duration < 5ms } | count_over_time() by(resource.service.name) | topk(10)",
        "{ resource.service.name = \"web\" } | rate() by (instrumentation:name)",
        "{ span:name = \"a\" } | quantile_over_time(duration, .99) by (.x) with (exemplars=true)",
        "{ } | rate() with(sample=0.25, exemplars=10, note=\"x\", window=5m)",
        "{ status = error } >> { kind = client } | rate()",
        "{ status = error } | by(resource.service.name) | count() > 1 | rate()",
        "({ status = error } | rate()) / ({ } | rate())",
        "({ } | rate() by (resource.service.name)) / ({ } | rate()) * 100",
        "({ } | rate()) + ({ } | count_over_time()) | topk(5)",
        "(({ status = error } | rate()) / ({ } | rate())) > 0.05",
        "1 - ({ status = error } | rate()) / ({ } | rate())",
      })
  void understandsMetrics(String query) {
    Query.Metrics parsed = TraceQl.parseMetrics(query);
    assertThat(TraceQl.parse(parsed.text())).isEqualTo(parsed);
  }
}
