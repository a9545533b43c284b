package io.signaldb.writer;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.Capability;
import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.engine.Engine;
import io.signaldb.common.flight.BatchReply;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.WriteBatch;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.TestServices;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.SyncPutListener;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** A whole Writer in this JVM, spoken to over Flight, its tables read with Iceberg's own reader. */
final class RunningWriter implements AutoCloseable {
  /** Nothing is committed but by {@link #flush}. */
  static final Map<String, String> QUIET =
      Map.of("writer.commit_interval", "1h", "writer.commit_max_age", "1h");

  private final SignalDbConfig config;
  private final ServiceContext context;
  private final Component writer;
  private final BufferAllocator allocator = new RootAllocator();
  private final FlightClient client;
  private final CallOption[] options;

  private RunningWriter(
      SignalDbConfig config,
      ServiceContext context,
      Component writer,
      ServiceInstance instance,
      CallOption... options) {
    this.config = config;
    this.context = context;
    this.writer = writer;
    this.options = options;
    client =
        FlightClient.builder(allocator, Location.forGrpcInsecure(instance.host(), instance.port()))
            .build();
  }

  static RunningWriter start(Path directory) throws Exception {
    return start(directory, QUIET, UnaryOperator.identity());
  }

  static RunningWriter start(Path directory, Map<String, String> settings) throws Exception {
    return start(directory, settings, UnaryOperator.identity());
  }

  static RunningWriter start(
      Path directory, Map<String, String> settings, UnaryOperator<DataFileWriter> files)
      throws Exception {
    return start(TestServices.config(directory, settings), files);
  }

  static RunningWriter start(
      SignalDbConfig config, UnaryOperator<DataFileWriter> files, CallOption... options)
      throws Exception {
    ServiceContext context = TestServices.start(config, Clock.systemUTC());
    Engine engine = new Engine(config, context.storage(), context.meters());
    Component writer =
        Component.sequence(engine, WriterMain.assemble(config, context, engine, files));
    try {
      // Processes that were killed are still listed.
      List<ServiceInstance> others = context.registry().liveNow(Capability.STORAGE);
      writer.start();
      ServiceInstance instance =
          context.registry().liveNow(Capability.STORAGE).stream()
              .filter(live -> others.stream().noneMatch(other -> other.id().equals(live.id())))
              .findFirst()
              .orElseThrow();
      return new RunningWriter(config, context, writer, instance, options);
    } catch (Exception e) {
      context.close();
      throw e;
    }
  }

  FlightClient client() {
    return client;
  }

  BufferAllocator allocator() {
    return allocator;
  }

  ServiceContext context() {
    return context;
  }

  /** The writer id, as kept in the log directory. */
  UUID id() throws Exception {
    String pinned = fresh().pinned();
    int start = pinned.indexOf("\"writer_id\":\"") + "\"writer_id\":\"".length();
    return UUID.fromString(pinned.substring(start, pinned.indexOf('"', start)));
  }

  /** Sends batches on one long-lived stream; the replies by text of the batch id. */
  Map<String, BatchReply> put(WriteBatch... batches) throws Exception {
    byte[][] messages = new byte[batches.length][];
    for (int i = 0; i < batches.length; i++) {
      messages[i] = Spans.encoded(batches[i]);
    }
    return putEncoded(messages);
  }

  /** See {@link #put}. */
  Map<String, BatchReply> putEncoded(byte[]... messages) throws Exception {
    Map<String, BatchReply> replies = new HashMap<>();
    try (VectorSchemaRoot none = VectorSchemaRoot.create(new Schema(List.of()), allocator);
        SyncPutListener listener = new SyncPutListener()) {
      FlightClient.ClientStreamListener stream =
          client.startPut(
              FlightDescriptor.path(WriteBatch.DESCRIPTOR_PATH), none, listener, options);
      for (byte[] message : messages) {
        ArrowBuf metadata = allocator.buffer(message.length);
        metadata.writeBytes(message);
        stream.putMetadata(metadata);
      }
      stream.completed();
      for (PutResult result = listener.read(); result != null; result = listener.read()) {
        try (PutResult closed = result) {
          BatchReply reply = BatchReply.parse(bytes(closed.getApplicationMetadata()));
          replies.put(reply.batchId().toString(), reply);
        }
      }
      stream.getResult();
    }
    return replies;
  }

  /** Sends one batch and fails unless it is stored. */
  void store(WriteBatch batch) throws Exception {
    BatchReply reply = put(batch).get(batch.header().batchId().toString());
    if (reply == null || reply.failure() != null) {
      throw new AssertionError("Not stored: " + reply, reply == null ? null : reply.failure());
    }
  }

  void flush() {
    client.doAction(new Action("flush"), options).forEachRemaining(result -> {});
  }

  /**
   * Fresh rows as the Querier asks for them.
   *
   * @param pinned from the first message
   * @param spanIds by position in the log
   */
  record Fresh(String pinned, TreeMap<Long, List<String>> spanIds) {
    List<String> all() {
      return spanIds.values().stream().flatMap(List::stream).sorted().toList();
    }
  }

  Fresh fresh() throws Exception {
    return fresh(new ScanQuery("traces", List.of("span_id"), null, 0, 0, null));
  }

  @SuppressWarnings("try") // closing a stream may be interrupted
  Fresh fresh(ScanQuery query) throws Exception {
    QueryTicket ticket = new QueryTicket.Fresh("default", "default", query);
    String pinned = null;
    TreeMap<Long, List<String>> spans = new TreeMap<>();
    try (FlightStream stream = client.getStream(new Ticket(ticket.toBytes()), options)) {
      VectorSchemaRoot root = stream.getRoot();
      while (stream.next()) {
        if (pinned == null) {
          pinned = new String(bytes(stream.getLatestMetadata()), StandardCharsets.UTF_8);
          continue;
        }
        for (int row = 0; row < root.getRowCount(); row++) {
          spans
              .computeIfAbsent(
                  (Long) root.getVector("_position").getObject(row), key -> new ArrayList<>())
              .add(String.valueOf(root.getVector("span_id").getObject(row)));
        }
      }
    }
    return new Fresh(String.valueOf(pinned), spans);
  }

  /** The configuration it runs with. */
  SignalDbConfig config() {
    return config;
  }

  /** The rows of a table's current snapshot; empty if there is no table. */
  List<Record> committed() throws Exception {
    return committed(config);
  }

  static List<Record> committed(SignalDbConfig config) throws Exception {
    List<Record> records = new ArrayList<>();
    try (Reader reader = new Reader(config)) {
      Table table = reader.tables.find("default", "default", "traces").orElse(null);
      if (table != null) {
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
          rows.forEach(records::add);
        }
      }
    }
    return records;
  }

  /** Span ids of {@link #committed}, sorted; twice if a row is there twice. */
  List<String> committedSpanIds() throws Exception {
    return spanIds(committed());
  }

  static List<String> spanIds(List<Record> records) {
    return records.stream().map(row -> (String) row.getField("span_id")).sorted().toList();
  }

  static List<String> spanIds(int first, int count) {
    return Spans.numbered(first, count).stream().map(Spans.Span::spanId).toList();
  }

  /** Creates the table as a first commit would. */
  void createTable() {
    try (Reader reader = new Reader(config)) {
      reader.tables.loadOrCreate(Spans.TENANT, Spans.TRACES);
    }
  }

  void dropTable() {
    try (Reader reader = new Reader(config)) {
      reader.tables.catalog().dropTable(TableIdentifier.of("default", "default", "traces"), false);
    }
  }

  Table table() {
    try (Reader reader = new Reader(config)) {
      return reader.tables.find("default", "default", "traces").orElseThrow();
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    allocator.close();
    writer.close();
    context.close();
  }

  private static byte[] bytes(ArrowBuf buffer) {
    byte[] bytes = new byte[(int) buffer.readableBytes()];
    buffer.getBytes(0, bytes);
    return bytes;
  }

  /** The tables as another process sees them. */
  private static final class Reader implements AutoCloseable {
    final IcebergTables tables;

    Reader(SignalDbConfig config) {
      tables = new IcebergTables(config, new io.signaldb.common.storage.DatasetStorage(config));
      tables.start();
    }

    @Override
    public void close() {
      tables.close();
    }
  }
}
