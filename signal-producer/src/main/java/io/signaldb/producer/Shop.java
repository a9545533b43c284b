package io.signaldb.producer;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The shop: what its visitors do, as trees of operations over twelve services.
 *
 * <p>Attribute names are those of OpenTelemetry's semantic conventions, so that the traces look
 * like those of instrumented services.
 */
final class Shop {
  /** Services in the order in which a smaller shop keeps them. */
  static final List<String> SERVICES =
      List.of(
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
          "warehouse");

  private Shop() {}

  /**
   * The visits of a shop that has only the first {@code services} of {@link #SERVICES}: calls to
   * the others are left out.
   */
  static List<Operation> visits(int services) {
    Set<String> open = new LinkedHashSet<>(SERVICES.subList(0, services));
    return List.of(
            browse(), browse(), browse(), find(), find(), addToCart(), order(), signIn(), health())
        .stream()
        .map(visit -> without(visit, open))
        .toList();
  }

  /** What the warehouse does with an order it takes from the queue, later and in its own trace. */
  static Operation fulfilment() {
    return new Operation(
        "warehouse",
        "process orders",
        SpanKind.CONSUMER,
        6,
        Attributes.of(
            stringKey("messaging.system"), "kafka",
            stringKey("messaging.operation.type"), "process",
            stringKey("messaging.destination.name"), "orders",
            stringKey("messaging.consumer.group.name"), "warehouse"),
        List.of(
            sql("warehouse", "stock", "UPDATE", 4),
            rpc("warehouse", "email", "Mail", "SendConfirmation", 12)));
  }

  private static Operation browse() {
    return http(
        "GET",
        "/products/{id}",
        4,
        rpc(
            "frontend",
            "catalog",
            "Catalog",
            "GetProduct",
            2,
            cache("catalog", "product"),
            sql("catalog", "products", "SELECT", 3)),
        rpc("frontend", "currency", "Currency", "Convert", 1),
        rpc(
            "frontend",
            "recommendation",
            "Recommendation",
            "ForProduct",
            9,
            rpc("recommendation", "catalog", "Catalog", "ListProducts", 3)));
  }

  private static Operation find() {
    return http(
        "GET",
        "/search",
        3,
        rpc(
            "frontend",
            "search",
            "Search",
            "Query",
            11,
            database("search", "elasticsearch", "products", "search", 18)),
        rpc("frontend", "currency", "Currency", "ConvertAll", 2));
  }

  private static Operation addToCart() {
    return http(
        "POST",
        "/cart/items",
        3,
        rpc(
            "frontend",
            "cart",
            "Cart",
            "AddItem",
            2,
            rpc("cart", "catalog", "Catalog", "GetProduct", 2, cache("catalog", "product")),
            cache("cart", "cart")));
  }

  private static Operation order() {
    return http(
        "POST",
        "/orders",
        6,
        rpc(
            "frontend",
            "checkout",
            "Checkout",
            "PlaceOrder",
            8,
            rpc("checkout", "cart", "Cart", "GetCart", 2, cache("cart", "cart")),
            rpc(
                "checkout",
                "accounts",
                "Accounts",
                "GetAddress",
                3,
                sql("accounts", "addresses", "SELECT", 2)),
            rpc("checkout", "shipping", "Shipping", "GetQuote", 7),
            rpc(
                "checkout",
                "payment",
                "Payment",
                "Charge",
                14,
                httpClient("payment", "POST", "https://bank.example/charges", 95)),
            sql("checkout", "orders", "INSERT", 5),
            rpc("checkout", "cart", "Cart", "Empty", 1, cache("cart", "cart")),
            publish()));
  }

  private static Operation signIn() {
    return http(
        "POST",
        "/session",
        2,
        rpc(
            "frontend",
            "accounts",
            "Accounts",
            "SignIn",
            31,
            sql("accounts", "users", "SELECT", 3),
            cache("accounts", "session")));
  }

  private static Operation health() {
    return http("GET", "/health", 0.3);
  }

  private static Operation http(String method, String route, double millis, Operation... calls) {
    return new Operation(
        "frontend",
        method + " " + route,
        SpanKind.SERVER,
        millis,
        Attributes.builder()
            .put("http.request.method", method)
            .put("http.route", route)
            .put("url.scheme", "https")
            .put("url.path", route.replace("{id}", "4711"))
            .put("server.address", "shop.example")
            .put("network.protocol.version", "2")
            .put(longKey("http.response.status_code"), 200L)
            .build(),
        List.of(calls));
  }

  private static Operation httpClient(String service, String method, String url, double millis) {
    return new Operation(
        service,
        method,
        SpanKind.CLIENT,
        millis,
        Attributes.builder()
            .put("http.request.method", method)
            .put("url.full", url)
            .put("server.address", "bank.example")
            .put(longKey("server.port"), 443L)
            .put(longKey("http.response.status_code"), 201L)
            .build(),
        List.of());
  }

  /** A remote call: the caller's client span around the callee's server span. */
  private static Operation rpc(
      String caller,
      String callee,
      String rpcService,
      String method,
      double millis,
      Operation... calls) {
    Attributes attributes =
        Attributes.of(
            stringKey("rpc.system"),
            "grpc",
            stringKey("rpc.service"),
            "shop." + rpcService,
            stringKey("rpc.method"),
            method,
            longKey("rpc.grpc.status_code"),
            0L);
    String name = "shop." + rpcService + "/" + method;
    Operation server =
        new Operation(callee, name, SpanKind.SERVER, millis, attributes, List.of(calls));
    return new Operation(
        caller,
        name,
        SpanKind.CLIENT,
        0.4,
        attributes.toBuilder().put("server.address", callee).build(),
        List.of(server));
  }

  private static Operation sql(String service, String table, String verb, double millis) {
    return database(service, "postgresql", table, verb, millis);
  }

  private static Operation database(
      String service, String system, String collection, String verb, double millis) {
    return new Operation(
        service,
        verb + " " + collection,
        SpanKind.CLIENT,
        millis,
        Attributes.of(
            stringKey("db.system.name"), system,
            stringKey("db.namespace"), "shop",
            stringKey("db.collection.name"), collection,
            stringKey("db.operation.name"), verb),
        List.of());
  }

  private static Operation cache(String service, String region) {
    return new Operation(
        service,
        "read " + region + " cache",
        SpanKind.INTERNAL,
        0.2,
        Attributes.of(stringKey("cache.region"), region, booleanKey("cache.hit"), true),
        List.of());
  }

  private static Operation publish() {
    return new Operation(
        "checkout",
        "publish orders",
        SpanKind.PRODUCER,
        1.5,
        Attributes.of(
            stringKey("messaging.system"), "kafka",
            stringKey("messaging.operation.type"), "send",
            stringKey("messaging.destination.name"), "orders"),
        List.of());
  }

  private static Operation without(Operation operation, Set<String> open) {
    List<Operation> calls =
        operation.calls().stream()
            .filter(call -> reaches(call, open))
            .map(call -> without(call, open))
            .toList();
    return new Operation(
        operation.service(),
        operation.name(),
        operation.kind(),
        operation.selfMillis(),
        operation.attributes(),
        calls);
  }

  /** A client span stays only together with the service it calls. */
  private static boolean reaches(Operation call, Set<String> open) {
    return open.contains(call.service())
        && (call.calls().size() != 1
            || call.kind() != SpanKind.CLIENT
            || open.contains(call.calls().get(0).service()));
  }
}
