package io.signaldb.querier;

import java.util.List;
import java.util.Map;

/** Every kind of query that TraceQL's public documentation shows, in other words. */
public final class DocumentedQueries {
  private DocumentedQueries() {}

  /**
   * A query for traces.
   *
   * @param found ids of those of {@link #spans} that match, without leading zeros
   */
  public record Search(String q, List<String> found) {
    public Search {
      found = List.copyOf(found);
    }

    @Override
    public String toString() {
      return q + " → " + found;
    }
  }

  private static Search search(String q, String... found) {
    return new Search(q, List.of(found));
  }

  /** Spans of two traces that the queries are about. */
  public static List<TestSpan> spans() {
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
    return List.of(
        order,
        stock,
        TestSpan.root("a1", "3", 2).childOf(order).named("notify").of("mail").failed("full"),
        TestSpan.root("b2", "4", 60).named("PUT /basket").of("web").with("http.method", "PUT"));
  }

  /** Queries whose answer is traces. */
  public static List<Search> searches() {
    return List.of(
        // one span
        search("{ }", "4", "1", "2", "3"),
        search("{resource.service.name = \"web\" && name = \"PUT /basket\"}", "4", "1"),
        search(
            "{ resource.service.name=\"web\" && name = \"PUT /basket\" && span.http.status_code >= 500 }",
            "1"),
        search("{ span.http.status_code >= 500 && span.http.status_code < 600 }", "1"),
        search("{ span.http.method =~ \"PUT|POST\" }", "4", "1"),
        search("{ span.db.system =~ \"my.*|postgres.*\" }", "2"),
        search("{ span.db.system = nil }", "4", "1", "3"),
        search("{ span.db.system != nil }", "2"),
        search("{ resource.service.version = nil && status = ok }", "1"),
        search("{ span.cache.hit = true }", "1"),
        search("{ span.cache.hit || span.db.system = \"mysql\" }", "1", "2"),
        search("{ span.http.method = \"PUT\" && status != ok }", "4"),
        search("{ span.accept = \"image/png\" }", "1"),
        search("{ span.accept != \"image/png\" }"),
        search("{ span.accept != \"text/plain\" }", "1"),
        search("{ span.accept =~ \"image.*\" }", "1"),
        search("{ span.accept !~ \"image.*\" }"),
        search("{ span.\"key with blank\" = \"v\" }", "2"),
        search("{ span.key.\"with blank\" = \"v\" }"),
        search("{ span.rows > 2 * 1 + 1 }", "2"),
        search("{ span.rows != minInt && span.rows != maxInt }", "2"),
        search("{ span.rows > -1 }", "2"),
        // intrinsics
        search("{ span:status = error && span:statusMessage = \"full\" }", "3"),
        search("{ span:name = \"notify\" && span:kind = server && span:duration >= 100ms }", "3"),
        search("{ span:childCount > 1 }", "1"),
        search("{ span:childCount = 0 && resource.service.name = \"web\" }", "4"),
        search("{ trace:duration > 5s }", "1", "2", "3"),
        search("{ trace:rootName !~ \".*list.*\" && resource.cloud.region = \"south\" }", "2"),
        search("{ trace:rootService = \"web\" && trace:id = \"b2\" }", "4"),
        search("{ span:id = \"2\" && span:parentID = \"1\" }", "2"),
        search("{ nestedSetParent < 0 }", "4", "1"),
        search("{ event:name = \"exception\" && event:timeSinceStart > 1ms }", "2"),
        search("{ event:timeSinceStart > -5s }", "2"),
        search("{ event.exception.message =~ \".*wrong.*\" }", "2"),
        search("{ event.exception.message = nil && status = error }", "3"),
        search("{ link:traceID = \"c3\" && link:spanID = \"9\" }", "2"),
        search("{ link.kind = \"follows\" }", "2"),
        search("{ instrumentation:name = \"jdbc\" && instrumentation:version = \"2.1\" }", "2"),
        search("{ instrumentation.language = \"java\" }", "2"),
        search("{ parent.http.method = \"PUT\" }", "2", "3"),
        search("{ parent = nil }", "4", "1"),
        // several spans of a trace
        search(
            "{ resource.deployment.environment = \"live\" } && { resource.deployment.environment = \"trial\" }",
            "1",
            "2"),
        search(
            "{ resource.cloud.region = \"north\" } || { resource.cloud.region = \"south\" }",
            "1",
            "2"),
        search("{ resource.cloud.region = \"north\" && resource.cloud.region = \"south\" }"),
        search(
            "{ span.http.method = \"PUT\" && status = ok } && { status = error }", "1", "2", "3"),
        // structure
        search("{ resource.service.name=\"web\" } >> { status = error }", "2", "3"),
        search("{ resource.service.name=\"web\" } > { status = error }", "2", "3"),
        search("{ status = error } << { name = \"PUT /basket\" }", "1"),
        search("{ status = error } < { name = \"PUT /basket\" }", "1"),
        search("{ resource.service.name = \"store\" } ~ { resource.service.name=\"mail\" }", "3"),
        search("{ span.http.url = \"/basket/7\" } &>> { status = error }", "1", "2", "3"),
        search("{ } !< { resource.service.name = \"mail\" }", "3"),
        search("{ status = error } !< { status = error }", "2", "3"),
        search("{ kind = server } !>> { kind = server }", "4", "1"),
        // pipelines
        search("{ status = error } | count() > 1", "2", "3"),
        search(
            "{ resource.deployment.environment = \"live\" && trace:duration > 2s } | count() > 30"),
        search("count() > 2", "1", "2", "3"),
        search("avg(duration) > 2s", "1", "2", "3"),
        search("max(duration) > 6s && { status = error }", "1", "2", "3"),
        search("{ } | sum(span.rows) > 3", "1", "2", "3"),
        search("{ status = error } | by(resource.service.name) | count() = 1", "2", "3"),
        search(
            "{ status = error } | by(resource.service.name) | coalesce() | count() = 2", "2", "3"),
        search("{ status = error } | select(span.http.status_code, span.http.url)", "2", "3"),
        search("{ } | { status = error }", "2", "3"),
        search("{} with (most_recent=true)", "4", "1", "2", "3"),
        search("{ status = ok } >> { status = error } with (most_recent=true)", "2", "3"));
  }

  /** Queries whose answer is time series. */
  public static List<String> metrics() {
    return List.of(
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
        "1 - ({ status = error } | rate()) / ({ } | rate())");
  }
}
