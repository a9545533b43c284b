package io.signaldb.common.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.signaldb.common.ManualClock;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.catalog.TestDatabases;
import io.signaldb.common.config.AuthConfig;
import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.config.FlightConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.CallOptions;
import org.apache.arrow.flight.FlightCallHeaders;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.HeaderCallOption;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.Result;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The endpoint and the pool against each other. */
class FlightTest {
  private static final TenantContext ACME = new TenantContext("acme", "main", "acme", "main");
  private static final int MAX_MESSAGE = 1 << 20;

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock(Instant.parse("2026-11-23T00:00:00Z"));
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch entered = new CountDownLatch(1);
  private final BufferAllocator allocator = new RootAllocator();
  private final List<FlightEndpoint> endpoints = new ArrayList<>();
  private Authenticator authenticator;
  private FlightClientPool pool;
  private FlightEndpoint endpoint;

  @BeforeEach
  void start() throws Exception {
    AuthConfig auth =
        new ConfigLoader(Map.of(), Map.of())
            .load(
                null,
                Map.of(
                    "auth.enabled",
                    "true",
                    "auth.tenants",
                    "[{id='acme', slug='acme', name='Acme', default_dataset='main',"
                        + " datasets=[{id='main', slug='main'}], api_keys=[{key='sk-acme'}]}]"))
            .config()
            .auth();
    authenticator =
        new Authenticator(auth, new ServiceCatalog(TestDatabases.sqlite(directory), 1), clock);
    pool = pool(3);
    endpoint = endpoint();
  }

  private FlightClientPool pool(int maxClients) {
    return new FlightClientPool(
        new FlightConfig(MAX_MESSAGE, maxClients, Duration.ofSeconds(10), Duration.ofMinutes(5)),
        authenticator.serviceKey(),
        allocator,
        clock);
  }

  private FlightEndpoint endpoint() throws Exception {
    FlightEndpoint started =
        new FlightEndpoint(
            "test",
            new HostAndPort("127.0.0.1", 0),
            new Producer(),
            authenticator,
            allocator,
            MAX_MESSAGE);
    endpoints.add(started);
    started.start();
    return started;
  }

  @AfterEach
  void close() {
    release.countDown();
    pool.close();
    endpoints.forEach(FlightEndpoint::close);
    allocator.close();
  }

  /** Answers "whoami", fails on "fail", and waits on "wait". */
  private final class Producer extends NoOpFlightProducer {
    @Override
    public void doAction(CallContext context, Action action, StreamListener<Result> listener) {
      try {
        switch (action.getType()) {
          case "whoami" -> {
            FlightEndpoint.caller(context).requireAccess("acme", "main");
            String who = FlightEndpoint.caller(context).tenant().tenantId();
            listener.onNext(new Result(who.getBytes(StandardCharsets.UTF_8)));
          }
          case "fail" ->
              throw SignalDbException.retryLater(
                  ErrorCode.RESOURCE_EXHAUSTED, "too much at once", Duration.ofSeconds(2));
          case "wait" -> {
            entered.countDown();
            release.await();
          }
          default -> {}
        }
        listener.onCompleted();
      } catch (Exception e) {
        listener.onError(FlightErrors.toFlight(e));
      }
    }
  }

  @Test
  void tellsTheProducerWhoCalls() {
    assertThat(act("whoami", key("sk-acme"))).isEqualTo("acme");
    assertRefused(() -> act("whoami"), ErrorCode.UNAUTHENTICATED, "Credentials are missing");
    assertRefused(
        () -> act("whoami", key("sk-nobody")), ErrorCode.UNAVAILABLE, "The service catalog");
    assertRefused(
        () -> act("whoami", pool.callOptions(ACME)),
        ErrorCode.INVALID_ARGUMENT,
        "The internal service key names no tenant");
    assertThat(act("nothing", pool.callOptions(ACME))).isEmpty();
    assertThat(act("nothing", pool.streamOptions())).isEmpty();
  }

  @Test
  void carriesErrorsWithCodeMessageAndHint() {
    assertThatThrownBy(() -> act("fail", key("sk-acme")))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
              assertThat(e.retryAfter()).contains(Duration.ofSeconds(2));
            })
        .hasMessage("too much at once");
  }

  @Test
  void refusesMessagesAboveTheLimit() {
    byte[] large = new byte[MAX_MESSAGE + 1];
    assertRefused(
        () -> call(endpoint.address(), new Action("x", large), pool.streamOptions()),
        ErrorCode.RESOURCE_EXHAUSTED,
        "1048576");
  }

  @Test
  void answersHealthChecks() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", endpoint.port()).usePlaintext().build();
    try {
      assertThat(
              HealthGrpc.newBlockingStub(channel)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void saysWhichPortIsTaken() {
    FlightEndpoint second =
        new FlightEndpoint(
            "second", endpoint.address(), new Producer(), authenticator, allocator, MAX_MESSAGE);
    assertRefused(
        second::start,
        ErrorCode.UNAVAILABLE,
        "Cannot listen on " + endpoint.address() + " for second: ");
    assertThatThrownBy(second::port).hasMessage("second is not listening");
  }

  @Test
  void listensOnIpv6() throws Exception {
    FlightEndpoint six =
        new FlightEndpoint(
            "six",
            new HostAndPort("::1", 0),
            new Producer(),
            authenticator,
            allocator,
            MAX_MESSAGE);
    endpoints.add(six);
    six.start();
    assertThat(call(six.address(), new Action("whoami"), key("sk-acme"))).isEqualTo("acme");
  }

  @Test
  void anUnreachableServiceIsUnavailable() {
    HostAndPort address = endpoint.address();
    endpoint.close();
    assertRefused(
        () -> call(address, new Action("whoami"), key("sk-acme")), ErrorCode.UNAVAILABLE, "");
  }

  @Test
  void reusesAConnectionUntilItWasIdleForTooLong() throws Exception {
    FlightClient first = pool.client(endpoint.address());
    clock.advance(Duration.ofMinutes(5));
    assertThat(pool.client(endpoint.address())).isSameAs(first);
    clock.advance(Duration.ofMinutes(5).plusMillis(1));
    assertThat(pool.client(endpoint.address())).isNotSameAs(first);
    assertThat(act("whoami", key("sk-acme"))).isEqualTo("acme");
  }

  @Test
  void keepsAConnectionOnWhichACallRuns() throws Exception {
    FlightClient first = pool.client(endpoint.address());
    Iterator<Result> running = first.doAction(new Action("wait"), pool.streamOptions());
    entered.await();
    clock.advance(Duration.ofHours(1));
    assertThat(pool.client(endpoint.address())).isSameAs(first);
    release.countDown();
    assertThat(running.hasNext()).isFalse();
  }

  @Test
  void makesRoomByClosingTheConnectionUsedLongestAgo() throws Exception {
    List<FlightClient> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.add(pool.client(i == 0 ? endpoint.address() : endpoint().address()));
      clock.advance(Duration.ofSeconds(1));
    }
    FlightClient again = pool.client(endpoints.get(0).address());
    assertThat(again).isSameAs(clients.get(0));
    pool.client(endpoint().address());
    assertThat(pool.client(endpoints.get(0).address())).isSameAs(again);
    assertThat(pool.client(endpoints.get(2).address())).isSameAs(clients.get(2));
  }

  @Test
  void refusesOneMoreWhenCallsRunOnAllConnections() throws Exception {
    try (FlightClientPool small = pool(1)) {
      Iterator<Result> running =
          small.client(endpoint.address()).doAction(new Action("wait"), small.streamOptions());
      entered.await();
      HostAndPort other = endpoint().address();
      assertRefused(
          () -> small.client(other),
          ErrorCode.RESOURCE_EXHAUSTED,
          "All 1 connections to other services are in use");
      release.countDown();
      assertThat(running.hasNext()).isFalse();
    }
  }

  private String act(String type, CallOption... options) {
    return call(endpoint.address(), new Action(type), options);
  }

  private String call(HostAndPort address, Action action, CallOption... options) {
    try {
      StringBuilder answer = new StringBuilder();
      pool.client(address)
          .doAction(action, options)
          .forEachRemaining(r -> answer.append(new String(r.getBody(), StandardCharsets.UTF_8)));
      return answer.toString();
    } catch (RuntimeException e) {
      throw FlightErrors.fromFlight(e);
    }
  }

  private static CallOption[] key(String key) {
    FlightCallHeaders headers = new FlightCallHeaders();
    headers.insert("authorization", "Bearer " + key);
    return new CallOption[] {
      new HeaderCallOption(headers), CallOptions.timeout(10, TimeUnit.SECONDS)
    };
  }

  private static void assertRefused(ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SignalDbException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }
}
