package io.signaldb.acceptor.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Requests of any shape OTLP allows; spans without a trace id are to be rejected. */
final class RandomTraces {
  static final long NOW = 1_767_225_600_000_000_000L;
  private static final String[] KEYS = {
    "service.name",
    "process.pid",
    "browser.mobile",
    "http.route",
    "http.response.status_code",
    "gen_ai.request.temperature",
    "faas.coldstart",
    "a",
    "b",
    "",
    "ключ 🔑",
    "\u0000'\""
  };

  private final Random random;

  RandomTraces(int seed) {
    random = new Random(seed);
  }

  ExportTraceServiceRequest request() {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    for (int i = random.nextInt(5); i > 0; i--) {
      ResourceSpans.Builder resource = ResourceSpans.newBuilder().setSchemaUrl(rarely());
      if (random.nextBoolean()) {
        resource.setResource(
            Resource.newBuilder()
                .setDroppedAttributesCount(count())
                .addAllAttributes(attributes()));
      }
      for (int j = random.nextInt(4); j > 0; j--) {
        resource.addScopeSpans(scope());
      }
      request.addResourceSpans(resource);
      if (random.nextInt(3) == 0) {
        request.addResourceSpans(resource);
      }
    }
    return request.build();
  }

  private ScopeSpans scope() {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder().setSchemaUrl(rarely());
    if (random.nextBoolean()) {
      scope.setScope(
          InstrumentationScope.newBuilder()
              .setName(rarely())
              .setVersion(rarely())
              .setDroppedAttributesCount(count())
              .addAllAttributes(attributes()));
    }
    int spans = random.nextInt(random.nextInt(10) == 0 ? 600 : 12);
    for (int i = 0; i < spans; i++) {
      scope.addSpans(span());
    }
    return scope.build();
  }

  Span span() {
    long start = NOW - random.nextInt(1_000_000);
    Span.Builder span =
        Span.newBuilder()
            .setSpanId(id(8))
            .setName(random.nextInt(4) + rarely())
            .setKindValue(random.nextInt(6))
            .setTraceState(rarely())
            .setFlags(count())
            .setStartTimeUnixNano(start)
            .setEndTimeUnixNano(start + random.nextInt(1_000_000))
            .setDroppedAttributesCount(count())
            .setDroppedEventsCount(count())
            .setDroppedLinksCount(count())
            .addAllAttributes(attributes());
    if (random.nextInt(10) != 0) {
      span.setTraceId(id(16));
    }
    if (random.nextBoolean()) {
      span.setParentSpanId(id(8));
    }
    if (random.nextInt(3) == 0) {
      span.setStatus(Status.newBuilder().setCodeValue(random.nextInt(3)).setMessage(rarely()));
    }
    while (random.nextInt(4) == 0) {
      span.addEvents(
          Span.Event.newBuilder()
              .setTimeUnixNano(start + random.nextInt(10))
              .setName(rarely())
              .setDroppedAttributesCount(count())
              .addAllAttributes(attributes()));
    }
    while (random.nextInt(8) == 0) {
      span.addLinks(
          Span.Link.newBuilder()
              .setTraceId(id(16))
              .setSpanId(id(8))
              .setTraceState(rarely())
              .setFlags(count())
              .setDroppedAttributesCount(count())
              .addAllAttributes(attributes()));
    }
    return span.build();
  }

  private List<KeyValue> attributes() {
    List<KeyValue> attributes = new ArrayList<>();
    int count = random.nextInt(20) == 0 ? 40 : random.nextInt(8);
    for (int i = 0; i < count; i++) {
      String key = count == 40 ? "key-" + random.nextInt(60) : KEYS[random.nextInt(KEYS.length)];
      attributes.add(KeyValue.newBuilder().setKey(key).setValue(value(0)).build());
    }
    return attributes;
  }

  private AnyValue value(int depth) {
    AnyValue.Builder value = AnyValue.newBuilder();
    switch (random.nextInt(depth > 3 ? 5 : 9)) {
      case 0, 1 -> value.setStringValue(random.nextInt(5) + rarely());
      case 2 -> value.setIntValue(random.nextBoolean() ? random.nextLong() : 0);
      // Protobuf's JSON parser drops the sign of a zero, so nested values have none.
      case 3 -> value.setDoubleValue(depth == 0 ? real() : real() + 0.0);
      case 4 -> value.setBoolValue(random.nextBoolean());
      case 5 -> value.setBytesValue(id(random.nextInt(20)));
      case 6 -> {
        ArrayValue.Builder array = ArrayValue.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.addValues(value(depth + 1));
        }
        value.setArrayValue(array);
      }
      case 7 -> {
        KeyValueList.Builder list = KeyValueList.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.addValues(KeyValue.newBuilder().setKey(rarely()).setValue(value(depth + 1)));
        }
        value.setKvlistValue(list);
      }
      default -> {
        // Empty.
      }
    }
    return value.build();
  }

  private double real() {
    double[] special = {
      0, -0.0, Double.NaN, Double.NEGATIVE_INFINITY, Double.MIN_VALUE, Double.MAX_VALUE
    };
    int pick = random.nextInt(2 * special.length);
    return pick < special.length ? special[pick] : random.nextGaussian();
  }

  private String rarely() {
    return switch (random.nextInt(6)) {
      case 0 -> "grüße 🔑 " + random.nextInt(1000);
      case 1 -> "x".repeat(random.nextInt(200));
      case 2 -> "same";
      default -> "";
    };
  }

  private int count() {
    return random.nextInt(3) == 0 ? random.nextInt() : 0;
  }

  private ByteString id(int bytes) {
    byte[] id = new byte[bytes];
    random.nextBytes(id);
    return ByteString.copyFrom(id);
  }
}
