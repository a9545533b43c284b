package io.signaldb.common.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.auth.Caller;
import io.signaldb.common.auth.Credentials;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.Signal;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.TestServices;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalWritersTest {
  private static final HostAndPort ADDRESS = new HostAndPort("127.0.0.1", 1);
  private static final Credentials NONE = new Credentials(null, null, null);
  private static final WriteBatch BATCH =
      new WriteBatch(
          new BatchHeader(
              "v1",
              Signal.TRACES,
              "traces",
              new TenantContext("acme", "production", "acme", "prod"),
              new BatchId(new UUID(1, 2), 3),
              1),
          ByteBuffer.allocate(0));

  @TempDir Path directory;

  private final List<Caller> callers = new ArrayList<>();

  @Test
  void reachesAWriterFromItsStartToItsClose() throws Exception {
    try (ServiceContext context = context(Map.of())) {
      Component writer = context.localWriters().announce(() -> ADDRESS, this::put);
      assertThat(context.localWriters().connect(ADDRESS, NONE)).isEmpty();

      writer.start();
      context.localWriters().connect(ADDRESS, NONE).orElseThrow().put(BATCH).join();
      writer.close();

      assertThat(callers).hasSize(1);
      assertThat(context.localWriters().connect(ADDRESS, NONE)).isEmpty();
    }
  }

  @Test
  void asksForTheKeyThatACallOverFlightNeeds() throws Exception {
    try (ServiceContext context =
        context(Map.of("auth.enabled", "true", "auth.internal_service_key", "sk-services"))) {
      LocalWriters writers = context.localWriters();
      writers.announce(() -> ADDRESS, this::put).start();

      assertThatThrownBy(() -> writers.connect(ADDRESS, NONE))
          .isInstanceOfSatisfying(
              SignalDbException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
      Credentials service = new Credentials("Bearer sk-services", null, null);
      writers.connect(ADDRESS, service).orElseThrow().put(BATCH).join();

      assertThat(callers).hasSize(1);
      callers.get(0).requireAccess(BATCH.header().tenant());
    }
  }

  private CompletableFuture<Void> put(Caller caller, WriteBatch batch) {
    callers.add(caller);
    return CompletableFuture.completedFuture(null);
  }

  private ServiceContext context(Map<String, String> settings) throws Exception {
    SignalDbConfig config = TestServices.config(directory, settings);
    return TestServices.start(config);
  }
}
