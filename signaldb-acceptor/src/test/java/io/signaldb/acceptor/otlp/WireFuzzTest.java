package io.signaldb.acceptor.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.signaldb.common.schema.Schemas;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Damaged requests, for a time: what is encoded from the wire has to be what the parser makes of
 * the same bytes, and whatever the bytes are, nothing but a refusal may come of them.
 *
 * <p>{@code -Dotlp.seed=N} starts elsewhere, {@code -Dotlp.seconds=N} sets the time for each
 * signal.
 */
class WireFuzzTest {
  private static final Schemas SCHEMAS = Schemas.load();
  private static final int LEAST_ROUNDS = 20;
  private static final int MUTANTS = 20;

  private final long seed = Long.getLong("otlp.seed", 1);
  private final Duration time = Duration.ofSeconds(Long.getLong("otlp.seconds", 2));
  private final Clock clock =
      Clock.fixed(Instant.ofEpochSecond(0, RandomTraces.NOW), ZoneOffset.UTC);

  @Test
  void encodesTracesAsTheParserReadsThem() {
    fuzz(
        ExportTraceServiceRequest.parser(),
        () -> OtlpEncoder.traces(SCHEMAS, RowLimits.DEFAULT, clock),
        start -> WireTracesTest.withoutBadSpans(new RandomTraces(start).request()));
  }

  @Test
  void encodesLogsAsTheParserReadsThem() {
    fuzz(
        ExportLogsServiceRequest.parser(),
        () -> OtlpEncoder.logs(SCHEMAS, RowLimits.DEFAULT, clock),
        start -> new RandomLogs(start).request());
  }

  private <Q extends Message> void fuzz(
      Parser<Q> parser, Supplier<OtlpEncoder<Q>> encoder, IntFunction<Q> requests) {
    OtlpEncoder<Q> fromWire = encoder.get();
    OtlpEncoder<Q> fromMessages = encoder.get();
    long deadline = System.nanoTime() + time.toNanos();
    int whole = 0;
    int damaged = 0;
    int round = 0;
    for (; round < LEAST_ROUNDS || System.nanoTime() < deadline; round++) {
      Random random = new Random(seed * 1_000_003 + round);
      byte[] request = requests.apply(random.nextInt()).toByteArray();
      String as = "seed %d, round %d".formatted(seed, round);
      whole += compare(parser, fromWire, fromMessages, request, as) ? 1 : 0;
      for (int mutant = 0; mutant < MUTANTS && request.length > 0; mutant++) {
        byte[] bytes = damage(request, random);
        String which = as + ", mutant " + mutant;
        damaged += compare(parser, fromWire, fromMessages, bytes, which) ? 1 : 0;
      }
    }
    assertThat(whole).as("whole requests encoded from the wire").isEqualTo(round);
    assertThat(damaged).as("damaged requests encoded from the wire").isPositive();
  }

  /** Whether {@code bytes} were encoded from the wire. */
  private static <Q extends Message> boolean compare(
      Parser<Q> parser,
      OtlpEncoder<Q> fromWire,
      OtlpEncoder<Q> fromMessages,
      byte[] bytes,
      String as) {
    Optional<EncodedRequest> encoded;
    try {
      encoded = fromWire.encode(bytes, 0, bytes.length);
    } catch (RuntimeException e) {
      throw new AssertionError(as + " was not refused but failed", e);
    }
    if (encoded.isEmpty()) {
      return false;
    }
    Q parsed;
    try {
      parsed = parser.parseFrom(ByteString.copyFrom(bytes).newCodedInput());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(as + " was encoded, but cannot be parsed", e);
    }
    assertThat(encoded).as(as).contains(fromMessages.encode(parsed));
    return true;
  }

  private static byte[] damage(byte[] request, Random random) {
    int at = random.nextInt(request.length);
    int length = 1 + random.nextInt(Math.min(16, request.length - at));
    byte[] piece = new byte[1 + random.nextInt(10)];
    return switch (random.nextInt(6)) {
      case 0 -> flipped(request, at, random);
      case 1 -> Arrays.copyOf(request, at);
      case 2 -> replaced(request, at, length, new byte[0]);
      case 3 -> {
        random.nextBytes(piece);
        yield replaced(request, at, 0, piece);
      }
      // A varint, and with it often a length, that is huge or does not end.
      case 4 -> {
        Arrays.fill(piece, (byte) -1);
        yield replaced(request, at, 1, piece);
      }
      default -> replaced(request, at, 0, Arrays.copyOfRange(request, at, at + length));
    };
  }

  private static byte[] flipped(byte[] request, int at, Random random) {
    byte[] bytes = request.clone();
    bytes[at] ^= (byte) (1 << random.nextInt(8));
    return bytes;
  }

  private static byte[] replaced(byte[] request, int at, int length, byte[] by) {
    byte[] bytes = new byte[request.length - length + by.length];
    System.arraycopy(request, 0, bytes, 0, at);
    System.arraycopy(by, 0, bytes, at, by.length);
    int rest = at + length;
    System.arraycopy(request, rest, bytes, at + by.length, request.length - rest);
    return bytes;
  }
}
