package io.signaldb.benchmarks.endtoend;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The traces of an online shop as encoded OTLP requests, and what is true of them.
 *
 * <p>Twelve services of three pods; 6 to 36 spans a trace, 15 on average; about 11 attributes a
 * span and 27 a resource; events on a tenth and errors on a hundredth of the spans; log-normal
 * durations. Traces start one after the other over the hour before {@code end}; a request holds 512
 * consecutive spans grouped by resource, as a collector sends them. The same seed gives the same
 * traces but for their times.
 */
public final class Workload {
  /** Spans of every request but the last. */
  static final int REQUEST_SPANS = 512;

  static final Duration WINDOW = Duration.ofHours(1);
  static final double SPANS_PER_TRACE = 15.24;

  static final String[] SERVICES = {
    "frontend",
    "catalog",
    "cart",
    "checkout",
    "payment",
    "shipping",
    "currency",
    "search",
    "recommendation",
    "accounts",
    "email",
    "warehouse"
  };
  private static final int PODS = 3;
  static final int WAREHOUSE = 11;
  private static final String[] RESOURCES = {
    "orders",
    "products",
    "carts",
    "users",
    "prices",
    "quotes",
    "offers",
    "reviews",
    "stock",
    "invoices",
    "sessions",
    "images"
  };
  private static final String[] AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
    "okhttp/5.5.0",
    "ShopApp/7.3.1 (iPhone; iOS 19.1)"
  };

  private final SplittableRandom random;
  private final Instant end;
  private final Resource[] resources = new Resource[SERVICES.length * PODS];
  private final InstrumentationScope[] scopes = new InstrumentationScope[4];
  private final Map<String, AnyValue> texts = new HashMap<>();
  private final Truth truth = new Truth();
  private final List<byte[]> requests = new ArrayList<>();

  private Map<Integer, ScopeSpans.Builder> pending = new HashMap<>();
  private int pendingSpans;
  private long attributes;
  private long bytes;
  private long spans;

  private Workload(long seed, Instant end) {
    this.random = new SplittableRandom(seed);
    this.end = end;
    for (int service = 0; service < SERVICES.length; service++) {
      for (int pod = 0; pod < PODS; pod++) {
        resources[service * PODS + pod] = resource(service, pod);
      }
    }
    String[] libraries = {"netty-4.1", "grpc-1.6", "jdbc", "shop"};
    for (int i = 0; i < scopes.length; i++) {
      scopes[i] =
          InstrumentationScope.newBuilder()
              .setName("io.opentelemetry." + libraries[i])
              .setVersion("2.1" + i + ".0-alpha")
              .build();
    }
  }

  /** Makes at least {@code spans} spans, in whole traces. */
  public static Workload generate(long spans, long seed, Instant end) {
    Workload workload = new Workload(seed, end);
    long traces = Math.max(1, Math.round(spans / SPANS_PER_TRACE));
    long step = WINDOW.toNanos() / traces;
    long start = nanos(end) - WINDOW.toNanos();
    for (int trace = 0; trace < traces; trace++) {
      // A trace is given when it is over, so the last ones start a little before the end.
      workload.trace(start + trace * step - 5_000_000_000L, trace, traces);
    }
    workload.flush();
    return workload;
  }

  /** Encoded {@code ExportTraceServiceRequest}s, in the order in which they are sent. */
  public List<byte[]> requests() {
    return requests;
  }

  Truth truth() {
    return truth;
  }

  /** Spans of all requests. */
  public long spans() {
    return spans;
  }

  Instant end() {
    return end;
  }

  /** One line that says how the spans are shaped. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "%,d spans in %,d traces, %.1f attributes a span, %d a resource, %.0f bytes of OTLP a span,"
            + " %,d requests",
        spans,
        truth.traces(),
        (double) attributes / spans,
        resources[0].getAttributesCount(),
        (double) bytes / spans,
        requests.size());
  }

  static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  private void trace(long start, int number, long traces) {
    byte[] traceId = new byte[16];
    ByteBuffer.wrap(traceId).putLong(random.nextLong()).putLong(random.nextLong());
    int size = 6 + (int) (31 * Math.pow(random.nextDouble(), 2.2));
    Draft[] drafts = new Draft[size];
    long rootNanos = (long) (40e6 * Math.exp(1.1 * gaussian()));
    drafts[0] = new Draft(0, pod(), SpanKind.SPAN_KIND_SERVER, start, rootNanos, null);
    for (int i = 1; i < size; i++) {
      Draft parent = drafts[Math.max(0, i - 1 - random.nextInt(5))];
      drafts[i] = child(parent);
    }
    TraceFacts facts = new TraceFacts(traceId, number, (int) (number % customers(traces)));
    String rare = number % 1300 == 7 ? "GET /admin/export-" + number % 97 : null;
    for (int i = 0; i < size; i++) {
      emit(drafts[i], traceId, facts, i == 0 ? rare : null);
    }
    truth.add(facts);
  }

  private static long customers(long traces) {
    return Math.max(1, traces / 65);
  }

  private int pod() {
    return random.nextInt(PODS);
  }

  private Draft child(Draft parent) {
    long start = parent.start + (long) (parent.nanos * random.nextDouble() * 0.6);
    long room = parent.start + parent.nanos - start;
    long nanos = Math.max(1000, (long) (room * (0.1 + 0.85 * random.nextDouble())));
    if (parent.kind == SpanKind.SPAN_KIND_CLIENT && !parent.database && !parent.answered) {
      parent.answered = true;
      int callee = 1 + random.nextInt(SERVICES.length - 1);
      return new Draft(callee, pod(), SpanKind.SPAN_KIND_SERVER, start, nanos, parent);
    }
    double dice = random.nextDouble();
    SpanKind kind = dice < 0.75 ? SpanKind.SPAN_KIND_CLIENT : SpanKind.SPAN_KIND_INTERNAL;
    Draft draft = new Draft(parent.service, parent.pod, kind, start, nanos, parent);
    draft.database = dice >= 0.45 && dice < 0.75;
    return draft;
  }

  private void emit(Draft draft, byte[] traceId, TraceFacts facts, @Nullable String rareName) {
    long spanId = random.nextLong();
    draft.spanId = spanId;
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(ByteString.copyFrom(traceId))
            .setSpanId(id(spanId))
            .setKind(draft.kind)
            .setFlags(0x101)
            .setStartTimeUnixNano(draft.start)
            .setEndTimeUnixNano(draft.start + draft.nanos);
    Draft parent = draft.parent;
    if (parent != null) {
      span.setParentSpanId(id(parent.spanId));
    }
    // Errors are rare in the warehouse, so that asking for them is a selective question.
    boolean failed = random.nextDouble() < (draft.service == WAREHOUSE ? 0.00045 : 0.0106);
    int scope = describe(span, draft, failed);
    if (rareName != null) {
      span.setName(rareName);
    }
    if (parent == null) {
      root(span, facts);
    }
    if (failed) {
      span.setStatus(
          Status.newBuilder()
              .setCode(Status.StatusCode.STATUS_CODE_ERROR)
              .setMessage("deadline exceeded after " + draft.nanos / 1_000_000 + " ms"));
    }
    if (random.nextInt(10) == 0) {
      event(span, draft, failed);
    }
    facts.add(draft.service, spanId, span, failed);
    attributes += span.getAttributesCount();
    spans++;
    add(draft.service * PODS + draft.pod, scope, span.build());
  }

  private void root(Span.Builder span, TraceFacts facts) {
    text(span, "app.customer.id", facts.customerId());
    fresh(span, "app.cart.id", facts.cartId());
  }

  /** Sets name and attributes; returns the scope. */
  private int describe(Span.Builder span, Draft draft, boolean failed) {
    String thing = RESOURCES[draft.service];
    common(span, draft);
    if (draft.database) {
      database(span, draft, thing);
      return 2;
    }
    return switch (draft.kind) {
      case SPAN_KIND_SERVER -> {
        if (draft.parent == null || draft.service % 2 == 0) {
          httpServer(span, thing, failed);
          yield 0;
        }
        rpc(span, SERVICES[draft.service], failed);
        yield 1;
      }
      case SPAN_KIND_CLIENT -> {
        if (draft.service % 2 == 0) {
          httpClient(span, draft, failed);
          yield 0;
        }
        rpc(span, SERVICES[(draft.service + 1) % SERVICES.length], failed);
        yield 1;
      }
      default -> {
        internal(span, draft, thing);
        yield 3;
      }
    };
  }

  private void common(Span.Builder span, Draft draft) {
    int thread = random.nextInt(32);
    number(span, "thread.id", 40 + thread);
    text(span, "thread.name", SERVICES[draft.service] + "-worker-" + thread);
    if (draft.pod == 0) {
      text(span, "app.release.channel", "canary");
    }
  }

  private void httpServer(Span.Builder span, String thing, boolean failed) {
    String method = random.nextInt(4) == 0 ? "POST" : "GET";
    String route = "/api/" + thing + (method.equals("GET") ? "/{id}" : "");
    span.setName(method + " " + route);
    text(span, "http.request.method", method);
    text(span, "http.route", route);
    fresh(span, "url.path", "/api/" + thing + "/" + random.nextInt(1_000_000));
    text(span, "url.scheme", "https");
    number(span, "http.response.status_code", failed ? 500 + random.nextInt(4) : 200);
    text(span, "server.address", thing + ".shop.svc.cluster.local");
    number(span, "server.port", 8443);
    fresh(span, "client.address", address());
    text(span, "user_agent.original", AGENTS[random.nextInt(AGENTS.length)]);
    text(span, "network.protocol.version", "2");
  }

  private void httpClient(Span.Builder span, Draft draft, boolean failed) {
    String peer = SERVICES[(draft.service + 3) % SERVICES.length];
    span.setName("GET");
    text(span, "http.request.method", "GET");
    fresh(
        span,
        "url.full",
        "https://" + peer + ".shop.svc.cluster.local:8443/v2/" + random.nextInt(1_000_000));
    number(span, "http.response.status_code", failed ? 503 : 200);
    text(span, "server.address", peer + ".shop.svc.cluster.local");
    number(span, "server.port", 8443);
    fresh(span, "network.peer.address", address());
    number(span, "network.peer.port", 8443);
    text(span, "network.protocol.version", "2");
    number(span, "app.retry.count", failed ? 2 : 0);
  }

  private void database(Span.Builder span, Draft draft, String thing) {
    String verb = random.nextInt(3) == 0 ? "UPDATE" : "SELECT";
    span.setName(verb + " shop." + thing);
    text(span, "db.system.name", "postgresql");
    text(span, "db.namespace", "shop");
    text(span, "db.collection.name", thing);
    text(span, "db.operation.name", verb);
    text(
        span,
        "db.query.text",
        verb.equals("SELECT")
            ? "SELECT id, name, price, updated_at FROM " + thing + " WHERE id = $1"
            : "UPDATE " + thing + " SET state = $1, updated_at = now() WHERE id = $2");
    text(span, "server.address", "pg-" + draft.service % 3 + ".shop.svc.cluster.local");
    number(span, "server.port", 5432);
    number(span, "db.response.returned_rows", random.nextInt(50));
    decimal(span, "app.pool.wait_ms", Math.round(random.nextDouble() * 1e4) / 1e4);
  }

  private void rpc(Span.Builder span, String peer, boolean failed) {
    String service = "shop." + peer + ".v1.Service";
    String method = random.nextInt(3) == 0 ? "List" : random.nextInt(2) == 0 ? "Get" : "Put";
    span.setName(service + "/" + method);
    text(span, "rpc.system", "grpc");
    text(span, "rpc.service", service);
    text(span, "rpc.method", method);
    number(span, "rpc.grpc.status_code", failed ? 4 : 0);
    text(span, "server.address", peer + ".shop.svc.cluster.local");
    number(span, "server.port", 9090);
    text(span, "network.transport", "tcp");
    fresh(span, "network.peer.address", address());
  }

  private void internal(Span.Builder span, Draft draft, String thing) {
    span.setName("compute " + thing);
    text(span, "code.function.name", "io.shop." + thing + ".Pricing.compute");
    text(span, "code.file.path", "src/main/java/io/shop/" + thing + "/Pricing.java");
    number(span, "code.line.number", 40 + draft.service);
    flag(span, "app.cache.hit", random.nextInt(4) != 0);
    fresh(span, "app.item.id", "item-" + random.nextInt(200_000));
    number(span, "app.queue.depth", random.nextInt(64));
    decimal(span, "app.score", Math.round(random.nextDouble() * 1e3) / 1e3);
    text(span, "feature_flag.key", "price-model-" + draft.service % 4);
  }

  private void event(Span.Builder span, Draft draft, boolean failed) {
    Span.Event.Builder event =
        Span.Event.newBuilder().setTimeUnixNano(draft.start + draft.nanos / 2);
    if (failed) {
      event
          .setName("exception")
          .addAttributes(pair("exception.type", text("java.util.concurrent.TimeoutException")))
          .addAttributes(pair("exception.message", text("no answer in time")));
    } else {
      event
          .setName("message")
          .addAttributes(pair("message.type", text("RECEIVED")))
          .addAttributes(
              pair(
                  "message.size", AnyValue.newBuilder().setIntValue(random.nextInt(9000)).build()));
    }
    span.addEvents(event);
  }

  private String address() {
    return "10." + random.nextInt(4) + "." + random.nextInt(256) + "." + random.nextInt(256);
  }

  private void add(int resource, int scope, Span span) {
    pending
        .computeIfAbsent(
            resource * scopes.length + scope,
            key -> ScopeSpans.newBuilder().setScope(scopes[scope]))
        .addSpans(span);
    if (++pendingSpans == REQUEST_SPANS) {
      flush();
    }
  }

  private void flush() {
    if (pendingSpans == 0) {
      return;
    }
    Map<Integer, ResourceSpans.Builder> byResource = new HashMap<>();
    pending.forEach(
        (key, scopeSpans) ->
            byResource
                .computeIfAbsent(
                    key / scopes.length,
                    resource ->
                        ResourceSpans.newBuilder()
                            .setResource(resources[resource])
                            .setSchemaUrl("https://opentelemetry.io/schemas/1.37.0"))
                .addScopeSpans(scopeSpans));
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    byResource.values().forEach(request::addResourceSpans);
    byte[] encoded = request.build().toByteArray();
    bytes += encoded.length;
    requests.add(encoded);
    pending = new HashMap<>();
    pendingSpans = 0;
  }

  private void text(Span.Builder span, String key, String value) {
    span.addAttributes(pair(key, text(value)));
  }

  /** For values that hardly repeat. */
  private static void fresh(Span.Builder span, String key, String value) {
    span.addAttributes(pair(key, AnyValue.newBuilder().setStringValue(value).build()));
  }

  private static void number(Span.Builder span, String key, long value) {
    span.addAttributes(pair(key, AnyValue.newBuilder().setIntValue(value).build()));
  }

  private static void decimal(Span.Builder span, String key, double value) {
    span.addAttributes(pair(key, AnyValue.newBuilder().setDoubleValue(value).build()));
  }

  private static void flag(Span.Builder span, String key, boolean value) {
    span.addAttributes(pair(key, AnyValue.newBuilder().setBoolValue(value).build()));
  }

  private AnyValue text(String value) {
    return texts.computeIfAbsent(value, v -> AnyValue.newBuilder().setStringValue(v).build());
  }

  private static KeyValue pair(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static ByteString id(long spanId) {
    return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(0, spanId));
  }

  private double gaussian() {
    return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
        * Math.cos(2 * Math.PI * random.nextDouble());
  }

  private Resource resource(int service, int pod) {
    String name = SERVICES[service];
    String podName = name + "-6c9f7d5b8-" + (char) ('k' + pod) + "x2v" + service;
    UUID uid = new UUID(0x1234_5678_9abc_4defL + service, 0x8765_4321_0fed_cba9L + pod);
    Resource.Builder resource = Resource.newBuilder();
    Map<String, String> values = new LinkedHashMap<>();
    values.put("service.name", name);
    values.put("service.namespace", "shop");
    values.put("service.version", "2026.11." + service);
    values.put("service.instance.id", uid.toString());
    values.put("deployment.environment.name", "production");
    values.put("telemetry.sdk.name", "opentelemetry");
    values.put("telemetry.sdk.language", "java");
    values.put("telemetry.sdk.version", "1.57.0");
    values.put("process.runtime.name", "OpenJDK Runtime Environment");
    values.put("process.runtime.version", "21.0.9+10-LTS");
    values.put("process.executable.path", "/opt/java/openjdk/bin/java");
    values.put("host.name", "node-" + (service + pod) % 8 + ".shop.internal");
    values.put("host.arch", "amd64");
    values.put("os.type", "linux");
    values.put("os.description", "Linux 6.12.41-flatcar");
    values.put("container.id", Long.toHexString(uid.getLeastSignificantBits()) + "a1b2c3d4");
    values.put("container.image.name", "registry.shop.internal/shop/" + name);
    values.put("k8s.cluster.name", "shop-eu-1");
    values.put("k8s.namespace.name", "shop");
    values.put("k8s.deployment.name", name);
    values.put("k8s.pod.name", podName);
    values.put("k8s.pod.uid", uid.toString());
    values.put("k8s.node.name", "node-" + (service + pod) % 8);
    values.put("cloud.provider", "aws");
    values.put("cloud.region", "eu-central-1");
    values.put("cloud.availability_zone", "eu-central-1" + (char) ('a' + pod));
    values.forEach(
        (key, value) ->
            resource.addAttributes(pair(key, AnyValue.newBuilder().setStringValue(value).build())));
    resource.addAttributes(
        pair("process.pid", AnyValue.newBuilder().setIntValue(7 + service).build()));
    return resource.build();
  }

  /** A span before it is written. */
  private static final class Draft {
    final int service;
    final int pod;
    final SpanKind kind;
    final long start;
    final long nanos;
    final @Nullable Draft parent;
    boolean database;
    boolean answered;
    long spanId;

    Draft(int service, int pod, SpanKind kind, long start, long nanos, @Nullable Draft parent) {
      this.service = service;
      this.pod = pod;
      this.kind = kind;
      this.start = start;
      this.nanos = nanos;
      this.parent = parent;
    }
  }
}
