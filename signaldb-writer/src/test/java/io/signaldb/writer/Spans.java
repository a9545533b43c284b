package io.signaldb.writer;

import io.signaldb.common.flight.BatchHeader;
import io.signaldb.common.flight.BatchId;
import io.signaldb.common.flight.WriteBatch;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.Signal;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.tenant.TenantContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Spans as an Acceptor sends them, with the required columns and one promoted attribute. */
final class Spans {
  static final TenantContext TENANT = new TenantContext("default", "default", "default", "default");
  static final TableSchema TRACES = Schemas.load().table("traces");
  static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final UUID ACCEPTOR = UUID.fromString("00000000-0000-0000-0000-00000000acce");
  private static final String ROUTE = "span_attr_http_route";

  /** One span; its trace id and span id follow from the number. */
  record Span(int number, Instant start) {
    String traceId() {
      return "%032x".formatted(number / 4);
    }

    String spanId() {
      return "%016x".formatted(number);
    }
  }

  private Spans() {}

  /** Spans with consecutive numbers, a millisecond apart from noon on. */
  static List<Span> numbered(int first, int count) {
    List<Span> spans = new ArrayList<>();
    for (int number = first; number < first + count; number++) {
      spans.add(new Span(number, NOON.plusMillis(number)));
    }
    return spans;
  }

  static WriteBatch batch(long sequence, List<Span> spans) {
    return batch(TENANT, sequence, spans);
  }

  static WriteBatch batch(TenantContext tenant, long sequence, List<Span> spans) {
    return new WriteBatch(header(tenant, sequence, spans.size()), ipc(spans));
  }

  static BatchHeader header(TenantContext tenant, long sequence, int rows) {
    return new BatchHeader(
        "v1", Signal.TRACES, "traces", tenant, new BatchId(ACCEPTOR, sequence), rows);
  }

  static byte[] encoded(WriteBatch batch) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (ByteBuffer part : batch.encode()) {
      byte[] copy = new byte[part.remaining()];
      part.get(copy);
      bytes.writeBytes(copy);
    }
    return bytes.toByteArray();
  }

  static ByteBuffer ipc(List<Span> spans) {
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = root(allocator, spans)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ArrowStreamWriter writer =
          new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
        writer.start();
        writer.writeBatch();
        writer.end();
      }
      return ByteBuffer.wrap(bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static VectorSchemaRoot root(BufferAllocator allocator, List<Span> spans) {
    List<Field> fields =
        TRACES.wireArrow().getFields().stream()
            .filter(field -> !field.isNullable() || field.getName().equals(ROUTE))
            .toList();
    VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(fields), allocator);
    for (int row = 0; row < spans.size(); row++) {
      Span span = spans.get(row);
      for (FieldVector vector : root.getFieldVectors()) {
        set(vector, row, value(vector.getName(), span));
      }
    }
    root.setRowCount(spans.size());
    return root;
  }

  private static Object value(String column, Span span) {
    long start = TimeUnit.SECONDS.toNanos(span.start.getEpochSecond()) + span.start.getNano();
    return switch (column) {
      case "trace_id" -> span.traceId();
      case "span_id" -> span.spanId();
      case "name" -> "span " + span.number;
      case "service_name" -> "shop";
      case "start_time_unix_nano" -> start;
      case "end_time_unix_nano" -> start + 5;
      case "duration_nano" -> 5L;
      case "span_kind" -> "Server";
      case "span_kind_number" -> 2;
      case "status_code" -> "Unspecified";
      case "status_code_number" -> 0;
      case "is_root" -> true;
      case ROUTE -> "/items/" + span.number;
      default -> throw new IllegalArgumentException("No value for required column " + column);
    };
  }

  private static void set(FieldVector vector, int row, Object value) {
    if (vector instanceof VarCharVector text) {
      text.setSafe(row, ((String) value).getBytes(StandardCharsets.UTF_8));
    } else if (vector instanceof BigIntVector number) {
      number.setSafe(row, (Long) value);
    } else if (vector instanceof IntVector number) {
      number.setSafe(row, (Integer) value);
    } else if (vector instanceof BitVector bit) {
      bit.setSafe(row, Boolean.TRUE.equals(value) ? 1 : 0);
    } else {
      throw new IllegalArgumentException("No setter for " + vector);
    }
  }
}
