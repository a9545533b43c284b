package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.signaldb.acceptor.AcceptorMain;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.Capability;
import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.TestServices;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionRuntime;
import io.signaldb.datafusion.FileRef;
import io.signaldb.datafusion.RuntimeOptions;
import io.signaldb.datafusion.SessionContext;
import io.signaldb.writer.WriterMain;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every field that OTLP's definitions have comes back as it was sent, from everywhere a row can be:
 * the fresh view, a log that is replayed, and files, read by SQL. A field that a later version of
 * OTLP adds is in what is sent; the test then fails with its name.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LosslessIT {
  private static final Schemas SCHEMAS = Schemas.load();

  /** Nothing is committed but at the end. */
  private static final Map<String, String> QUIET =
      Map.of("writer.commit_interval", "1h", "writer.commit_max_age", "1h");

  /** A table and the request that fills a row of it. */
  enum Kind {
    TRACES("traces", ExportTraceServiceRequest.getDefaultInstance()),
    LOGS("logs", ExportLogsServiceRequest.getDefaultInstance()),
    GAUGE("metrics_gauge", metrics(), "gauge", "as_double"),
    SUM("metrics_sum", metrics(), "sum", "as_int"),
    HISTOGRAM("metrics_histogram", metrics(), "histogram", "as_double"),
    EXPONENTIAL_HISTOGRAM(
        "metrics_exponential_histogram", metrics(), "exponential_histogram", "as_int"),
    SUMMARY("metrics_summary", metrics(), "summary");

    @SuppressWarnings("ImmutableEnumChecker") // schemas are immutable
    private final TableSchema table;

    @SuppressWarnings("ImmutableEnumChecker") // messages are immutable
    private final Message request;

    Kind(String table, Message empty, String... choices) {
      this.table = SCHEMAS.table(table);
      this.request = OtlpFixture.request(empty, choices);
    }

    private static Message metrics() {
      return ExportMetricsServiceRequest.getDefaultInstance();
    }
  }

  private final Map<Kind, Map<String, Object>> fresh = new EnumMap<>(Kind.class);
  private final Map<Kind, Map<String, Object>> replayed = new EnumMap<>(Kind.class);
  private final Map<Kind, Map<String, Object>> stored = new EnumMap<>(Kind.class);

  @BeforeAll
  @SuppressWarnings("try") // started, then only closed
  void sendAndReadBack(@TempDir Path directory) throws Exception {
    int port = freePort();
    Map<String, String> settings = new HashMap<>(QUIET);
    settings.put("acceptor.http_port", "" + port);
    Path home = directory.resolve("one");
    SignalDbConfig config = TestServices.config(home, settings);
    // Contexts of their own, so that the batches go through Flight.
    try (ServiceContext acceptorContext = TestServices.start(config);
        ServiceContext writerContext = TestServices.start(config);
        Component writer = started(WriterMain.assemble(config, writerContext));
        Component acceptor = started(AcceptorMain.assemble(config, acceptorContext))) {
      for (Kind kind : Kind.values()) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/v1/" + kind.table.signal().wireName());
        Http.Reply reply =
            Http.post(
                uri, kind.request.toByteArray(), Map.of("content-type", "application/x-protobuf"));
        assertThat(reply).as("%s", kind).isEqualTo(new Http.Reply(200, reply.contentType(), ""));
      }
      readFresh(writerContext, fresh);
      readReplayed(home, directory.resolve("two"));
    }
    readStored(home);
  }

  @ParameterizedTest
  @EnumSource
  void keepsEveryFieldOfOtlp(Kind kind) {
    for (Map<String, Object> row : List.of(fresh.get(kind), replayed.get(kind), stored.get(kind))) {
      List<String> differences = new ArrayList<>();
      compare(kind.request, restored(kind, row), differences);
      assertThat(differences).as("fields of %s that were not kept", kind.table.name()).isEmpty();
    }
  }

  @SuppressWarnings("try") // started, then only closed
  private void readReplayed(Path from, Path to) throws Exception {
    copy(from.resolve("wal"), to.resolve("wal"));
    SignalDbConfig config = TestServices.config(to, QUIET);
    try (ServiceContext context = TestServices.start(config);
        Component writer = started(WriterMain.assemble(config, context))) {
      readFresh(context, replayed);
    }
  }

  @SuppressWarnings("try") // an interrupted test has failed
  private static void readFresh(ServiceContext context, Map<Kind, Map<String, Object>> rows)
      throws Exception {
    ServiceInstance writer = context.registry().liveNow(Capability.STORAGE).get(0);
    try (BufferAllocator allocator = new RootAllocator();
        FlightClient client =
            FlightClient.builder(allocator, Location.forGrpcInsecure(writer.host(), writer.port()))
                .build()) {
      for (Kind kind : Kind.values()) {
        ScanQuery all = new ScanQuery(kind.table.name(), List.of(), null, 0, 0, null, null);
        Ticket ticket = new Ticket(new QueryTicket.Fresh("default", "default", all).toBytes());
        try (FlightStream stream = client.getStream(ticket);
            ArrowReader copy =
                new ArrowStreamReader(new ByteArrayInputStream(ipc(stream)), allocator);
            DataFusionRuntime runtime = runtime();
            SessionContext session = runtime.newSession()) {
          session.registerReader(new String[] {"fresh"}, allocator, copy);
          rows.put(kind, onlyRow(session, "SELECT * FROM fresh"));
        }
      }
    }
  }

  private void readStored(Path home) {
    try (DataFusionRuntime runtime = runtime()) {
      for (Kind kind : Kind.values()) {
        try (SessionContext session = runtime.newSession()) {
          List<FileRef> files =
              ParquetFiles.below(home.resolve("storage/default/default/" + kind.table.name()))
                  .stream()
                  .map(file -> new FileRef(file.toUri().toString(), file.toFile().length()))
                  .toList();
          assertThat(files).as("files of %s", kind.table.name()).hasSize(1);
          session.registerParquet(
              new String[] {"stored"}, kind.table.storageArrow(), files, kind.table.sortBy());
          stored.put(kind, onlyRow(session, "SELECT * FROM stored"));
        }
      }
    }
  }

  private static DataFusionRuntime runtime() {
    return DataFusionRuntime.open(new RuntimeOptions(1L << 28, null, 2, Map.of()));
  }

  private static byte[] ipc(FlightStream stream) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ArrowStreamWriter writer = new ArrowStreamWriter(stream.getRoot(), null, bytes)) {
      writer.start();
      while (stream.next()) {
        writer.writeBatch();
      }
    }
    return bytes.toByteArray();
  }

  private static Map<String, Object> onlyRow(SessionContext session, String sql) {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        DataFrame query = session.sql(sql);
        ArrowReader reader = query.executeStream(allocator)) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      while (reader.loadNextBatch()) {
        for (int row = 0; row < root.getRowCount(); row++) {
          Map<String, Object> values = new HashMap<>();
          for (FieldVector vector : root.getFieldVectors()) {
            values.put(vector.getName(), vector.getObject(row));
          }
          rows.add(values);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  /** The request as a row tells it. */
  private static Message restored(Kind kind, Map<String, Object> row) {
    Map<String, Message.Builder> roots = new HashMap<>();
    Message.Builder request = kind.request.newBuilderForType();
    List<String> names =
        switch (kind.table.signal()) {
          case TRACES -> List.of("resource", "scope", "span");
          case LOGS -> List.of("resource", "scope", "log");
          case METRICS -> List.of("resource", "scope", "metric", "point");
        };
    Message sent = kind.request;
    Message.Builder outer = request;
    for (String name : names) {
      if (name.equals("point")) {
        FieldDescriptor data =
            sent.getOneofFieldDescriptor(sent.getDescriptorForType().getOneofs().get(0));
        sent = (Message) sent.getField(data);
        outer = outer.getFieldBuilder(data);
      }
      FieldDescriptor list = onlyList(sent);
      sent = (Message) sent.getRepeatedField(list, 0);
      outer.addRepeatedField(list, sent.getDefaultInstanceForType());
      outer = outer.getRepeatedFieldBuilder(list, 0);
      roots.put(name, outer);
    }
    new StoredMessages(kind.table).restore(row, roots);
    return request.build();
  }

  /** The field with the next messages on the way to the row. */
  private static FieldDescriptor onlyList(Message message) {
    return message.getDescriptorForType().getFields().stream()
        .filter(
            field ->
                field.isRepeated()
                    && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && field
                        .getMessageType()
                        .getName()
                        .matches("(Resource|Scope)[A-Z].*|Span|LogRecord|Metric|.*DataPoint"))
        .findFirst()
        .orElseThrow();
  }

  /** Names the fields in which two messages differ; the order of attributes is no difference. */
  private static void compare(Message sent, Message found, List<String> differences) {
    for (Map.Entry<FieldDescriptor, Object> entry : sent.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      Object value = entry.getValue();
      Object other = found.getField(field);
      if (!field.isRepeated()) {
        compare(field, value, other, differences);
        continue;
      }
      List<?> values = sorted(field, (List<?>) value);
      List<?> others = sorted(field, (List<?>) other);
      if (values.size() != others.size()) {
        differences.add(
            "%s: %d instead of %d".formatted(field.getFullName(), others.size(), values.size()));
        continue;
      }
      for (int i = 0; i < values.size(); i++) {
        compare(field, values.get(i), others.get(i), differences);
      }
    }
  }

  private static void compare(
      FieldDescriptor field, Object value, Object other, List<String> differences) {
    if (value instanceof Message message
        && !field.getMessageType().equals(KeyValue.getDescriptor())) {
      compare(message, (Message) other, differences);
    } else if (!value.equals(other)) {
      differences.add("%s: %s instead of %s".formatted(field.getFullName(), other, value));
    }
  }

  private static List<?> sorted(FieldDescriptor field, List<?> values) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            && field.getMessageType().equals(KeyValue.getDescriptor())
        ? values.stream()
            .map(KeyValue.class::cast)
            .sorted(Comparator.comparing(KeyValue::getKey))
            .toList()
        : values;
  }

  private static Component started(Component component) throws Exception {
    component.start();
    return component;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
