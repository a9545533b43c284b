package io.signaldb.acceptor.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.common.schema.Schemas;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever is encoded from the wire has to be what message objects are encoded to. */
class WireTracesTest {
  private static final Schemas SCHEMAS = Schemas.load();

  private final OtlpEncoder<ExportTraceServiceRequest> fromWire = encoder();
  private final OtlpEncoder<ExportTraceServiceRequest> fromMessages = encoder();
  private int taken;

  @Test
  void encodesRequestsAsIfTheyWereParsed() {
    for (int seed = 0; seed < 400; seed++) {
      compare(withoutBadSpans(new RandomTraces(seed).request()).toByteArray(), "seed " + seed);
    }

    assertThat(taken).as("all of them without message objects").isEqualTo(400);
  }

  @Test
  void leavesRequestsWithBadSpansToTheParser() {
    for (int seed = 0; seed < 100; seed++) {
      ExportTraceServiceRequest request = new RandomTraces(seed).request();
      boolean allGood = withoutBadSpans(request).equals(request);

      compare(request.toByteArray(), "seed " + seed);

      assertThat(encode(request.toByteArray()).isPresent()).isEqualTo(allGood);
    }
  }

  @Test
  void readsAnyEncodingOfAMessage() {
    Random random = new Random(1);
    for (int seed = 0; seed < 400; seed++) {
      ExportTraceServiceRequest request = withoutBadSpans(new RandomTraces(seed).request());

      compare(scramble(request, random, seed % 4), "seed " + seed);
    }

    assertThat(taken).as("most of them without message objects").isGreaterThan(120);
  }

  @Test
  void acceptsNothingThatTheParserRefuses() {
    Random random = new Random(2);
    for (int seed = 0; seed < 60; seed++) {
      byte[] request = withoutBadSpans(new RandomTraces(seed).request()).toByteArray();
      for (int i = 0; i < 40 && request.length > 0; i++) {
        byte[] damaged = request.clone();
        for (int flips = random.nextInt(3); flips >= 0; flips--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        compare(damaged, "seed %d, damage %d".formatted(seed, i));
      }
    }

    assertThat(taken).isGreaterThan(100);
  }

  @Test
  void acceptsNothingThatIsCutShort() {
    byte[] request = withoutBadSpans(new RandomTraces(5).request()).toByteArray();
    assertThat(request).hasSizeGreaterThan(1000);
    for (int length = 0; length < request.length; length += 1 + length / 400) {
      byte[] cut = new byte[length + 10];
      System.arraycopy(request, 0, cut, 5, length);
      compare(cut, 5, length, "cut to " + length);
    }
  }

  @Test
  void rejectsWhatTheLimitsOfAttributesForbid() {
    Span.Builder span =
        new RandomTraces(0).span().toBuilder().clearAttributes().clearEvents().clearLinks();
    span.setTraceId(ByteString.fromHex("000102030405060708090a0b0c0d0e0f"));
    OtlpEncoder<ExportTraceServiceRequest> strict =
        OtlpEncoder.traces(
            Schemas.load(),
            new RowLimits(RowLimits.DEFAULT.maxFuture(), RowLimits.DEFAULT.maxPast(), 3, 64),
            clock());
    byte[] short3 = request(span, "abc").toByteArray();
    byte[] long4 = request(span, "äbc").toByteArray();

    assertThat(strict.encode(short3, 0, short3.length)).isPresent();
    assertThat(strict.encode(long4, 0, long4.length)).isEmpty();
    assertThat(strict.encode(request(span, "äbc")).message())
        .contains("has a value of 4 bytes, expected at most 3");
  }

  private static ExportTraceServiceRequest request(Span.Builder span, String value) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .addSpans(
                            span.clone()
                                .addAttributes(
                                    TraceEncoderTest.attribute(
                                        "k", TraceEncoderTest.text(value))))))
        .build();
  }

  private void compare(byte[] request, String as) {
    compare(request, 0, request.length, as);
  }

  /** What is encoded from the wire equals what is parsed and encoded; the rest is left to that. */
  private void compare(byte[] bytes, int offset, int length, String as) {
    Optional<EncodedRequest> encoded = fromWire.encode(bytes, offset, length);
    if (encoded.isEmpty()) {
      return;
    }
    taken++;
    ExportTraceServiceRequest parsed;
    try {
      parsed =
          ExportTraceServiceRequest.parser()
              .parseFrom(ByteString.copyFrom(bytes, offset, length).newCodedInput());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(as + " was encoded, but cannot be parsed", e);
    }
    assertThat(encoded).as(as).contains(fromMessages.encode(parsed));
  }

  private Optional<EncodedRequest> encode(byte[] request) {
    return fromWire.encode(request, 0, request.length);
  }

  static ExportTraceServiceRequest withoutBadSpans(ExportTraceServiceRequest request) {
    ExportTraceServiceRequest.Builder good = request.toBuilder();
    for (ResourceSpans.Builder resource : good.getResourceSpansBuilderList()) {
      for (ScopeSpans.Builder scope : resource.getScopeSpansBuilderList()) {
        List<Span> spans =
            scope.getSpansList().stream().filter(span -> !span.getTraceId().isEmpty()).toList();
        scope.clearSpans().addAllSpans(spans);
      }
    }
    return good.build();
  }

  /**
   * Another encoding of a message, in ways that protobuf allows: fields in any order, unknown ones,
   * and given twice.
   *
   * @param unusual from 0, only the order, to 3, everything
   */
  private static byte[] scramble(Message message, Random random, int unusual) {
    List<byte[]> fields = new ArrayList<>();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (field.isRepeated()) {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        for (Object element : (List<?>) entry.getValue()) {
          list.writeBytes(field(field, scrambled(element, random, unusual)));
        }
        fields.add(list.toByteArray());
      } else {
        byte[] written = field(field, scrambled(entry.getValue(), random, unusual));
        if (unusual >= 2 && random.nextInt(8) == 0) {
          ByteArrayOutputStream twice = new ByteArrayOutputStream();
          twice.writeBytes(written);
          twice.writeBytes(written);
          written = twice.toByteArray();
        }
        fields.add(written);
      }
    }
    if (unusual >= 1 && random.nextInt(30) == 0) {
      fields.add(unknown(random));
    }
    Collections.shuffle(fields, random);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    fields.forEach(bytes::writeBytes);
    return bytes.toByteArray();
  }

  private static Object scrambled(Object value, Random random, int unusual) {
    return value instanceof Message inner
        ? ByteString.copyFrom(scramble(inner, random, unusual))
        : value;
  }

  private static byte[] field(FieldDescriptor field, Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      if (value instanceof ByteString encoded) {
        out.writeBytes(field.getNumber(), encoded);
      } else if (value instanceof EnumValueDescriptor named) {
        out.writeEnum(field.getNumber(), named.getNumber());
      } else {
        Message empty = messageOf(field).setField(field, value).buildPartial();
        empty.writeTo(out);
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static Message.Builder messageOf(FieldDescriptor field) {
    return DynamicMessage.newBuilder(field.getContainingType());
  }

  private static byte[] unknown(Random random) {
    UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
    switch (random.nextInt(4)) {
      case 0 -> field.addVarint(random.nextLong());
      case 1 -> field.addFixed32(random.nextInt());
      case 2 -> field.addFixed64(random.nextLong());
      default -> field.addLengthDelimited(ByteString.copyFromUtf8("unknown"));
    }
    int number = random.nextBoolean() ? 100 : 1 + random.nextInt(20_000);
    return UnknownFieldSet.newBuilder()
        .addField(number < 20 ? 19 : number, field.build())
        .build()
        .toByteArray();
  }

  private static Clock clock() {
    return Clock.fixed(Instant.ofEpochSecond(0, RandomTraces.NOW), ZoneOffset.UTC);
  }

  private static OtlpEncoder<ExportTraceServiceRequest> encoder() {
    return OtlpEncoder.traces(SCHEMAS, RowLimits.DEFAULT, clock());
  }
}
