package io.signaldb.acceptor.otlp;

import static io.signaldb.acceptor.otlp.TraceEncoderTest.attribute;
import static io.signaldb.acceptor.otlp.TraceEncoderTest.integer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.PromotedAttribute;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import org.junit.jupiter.api.Test;

class BatchBuilderTest {
  private static final TableSchema TABLE = Schemas.load().table("traces");
  private static final Span SMALL =
      Span.newBuilder()
          .setTraceId(ByteString.fromHex("01"))
          .setSpanId(ByteString.fromHex("02"))
          .build();

  private final BatchBuilder<SpanRow> batch =
      new BatchBuilder<>(TABLE, SpanRow.class, RowLimits.DEFAULT.attributes(), 100_000);

  @Test
  void takesManyRowsWithTheSameColumns() {
    Span span =
        SMALL.toBuilder()
            .addAttributes(attribute("server.port", integer(1)))
            .addAttributes(attribute("client.port", integer(1)))
            .build();

    assertThat(addUntilFull(span, 3000)).isEqualTo(3000);
  }

  @Test
  void refusesARowWhoseColumnsAllRowsWouldHave() {
    assertThat(addUntilFull(SMALL, 3000)).isEqualTo(3000);
    Span.Builder wide = SMALL.toBuilder();
    for (PromotedAttribute attribute : TABLE.attributes().promoted()) {
      if (attribute.type() == AttributeType.INT) {
        wide.addAttributes(attribute(attribute.key(), integer(1)));
      }
    }

    assertThat(add(wide.build())).isFalse();

    assertThat(add(SMALL)).isTrue();
    assertThat(IpcRows.read(batch.build()).rows()).hasSize(3001);
  }

  @Test
  void refusesARowWithEventsWithoutEnd() {
    Span.Builder span = SMALL.toBuilder();
    for (int i = 0; i < 30_000; i++) {
      span.addEvents(Span.Event.getDefaultInstance());
    }

    assertThat(add(span.build())).isFalse();
    assertThat(batch.rows()).isZero();
  }

  @Test
  void isEmptyAfterItIsCleared() {
    int rows = addUntilFull(SMALL, Integer.MAX_VALUE);
    batch.clear();

    assertThat(addUntilFull(SMALL, Integer.MAX_VALUE)).isEqualTo(rows).isGreaterThan(3000);
  }

  private int addUntilFull(Span span, int limit) {
    int added = 0;
    while (added < limit && add(span)) {
      added++;
    }
    return added;
  }

  private boolean add(Span span) {
    return batch.add(
        new SpanRow(ResourceSpans.getDefaultInstance(), ScopeSpans.getDefaultInstance(), span));
  }
}
