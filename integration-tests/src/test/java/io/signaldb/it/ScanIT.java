package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import io.signaldb.acceptor.otlp.RowLimits;
import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Condition.And;
import io.signaldb.common.scan.Condition.Compare;
import io.signaldb.common.scan.Condition.In;
import io.signaldb.common.scan.Condition.Matches;
import io.signaldb.common.scan.Condition.Not;
import io.signaldb.common.scan.Condition.Or;
import io.signaldb.common.scan.Condition.Present;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.common.scan.Operand.AttributeRef;
import io.signaldb.common.scan.Operand.ColumnRef;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionRuntime;
import io.signaldb.datafusion.FileRef;
import io.signaldb.datafusion.MemoryTable;
import io.signaldb.datafusion.ParquetFileInfo;
import io.signaldb.datafusion.ParquetWriteOptions;
import io.signaldb.datafusion.RuntimeOptions;
import io.signaldb.datafusion.SessionContext;
import io.signaldb.datafusion.StagedBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scans of encoded spans, fresh and in a Parquet file, through the engine: the SQL means what the
 * conditions say, and what is computed in SQL is right.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScanIT {
  private static final long START = 1_767_225_599_123_456_789L;
  private static final TableSchema TABLE = Schemas.load().table("traces");
  private static final String FRESH = "fresh";
  private static final String STORED = "stored";
  private static final String HOSTILE = "it's \"; DROP TABLE ключ 🔑 $1 \\ \u0000 \n --";
  private static final String[] KEYS = {
    "http.route", "http.response.status_code", "messaging.destination.anonymous", "a", HOSTILE
  };
  private static final String[] TEXTS = {"", "GET", "GET /x", "' OR TRUE --", HOSTILE};

  private final Random random = new Random(7);
  private final List<Span> spans = spans();
  private final BufferAllocator allocator = new RootAllocator();
  private DataFusionRuntime runtime;
  private MemoryTable memory;
  private SessionContext session;

  @BeforeAll
  void storeTheSpans(@TempDir Path directory) {
    runtime = DataFusionRuntime.open(new RuntimeOptions(1L << 28, null, 2, Map.of()));
    memory = MemoryTable.create(runtime, TABLE.wireArrow(), TABLE.storageExpressions(), "trace_id");
    OtlpEncoder<ExportTraceServiceRequest> encoder =
        OtlpEncoder.traces(
            Schemas.load(),
            RowLimits.DEFAULT,
            Clock.fixed(Instant.ofEpochSecond(0, START), ZoneOffset.UTC));
    int third = spans.size() / 3;
    for (int i = 0; i < 3; i++) {
      List<Span> part = spans.subList(i * third, i == 2 ? spans.size() : (i + 1) * third);
      try (StagedBatch batch =
          memory.stage(
              encoder
                  .encode(Spans.request("shop", part.toArray(new Span[0])))
                  .batches()
                  .get(0)
                  .ipc())) {
        batch.publish(i);
      }
    }
    session = runtime.newSession();
    session.registerMemoryTable(new String[] {FRESH}, memory, -1, Long.MAX_VALUE);
    String url = directory.resolve("spans.parquet").toUri().toString();
    ParquetFileInfo file =
        memory.writeParquet(
            -1,
            Long.MAX_VALUE,
            "",
            url,
            ParquetWriteOptions.sorted(
                    TableSchema.arrowWithFieldIds(TABLE.icebergSchema()), TABLE.sortBy())
                .withBloomFilterColumns(List.of("trace_id")));
    session.registerParquet(
        new String[] {STORED},
        TABLE.storageArrow(),
        List.of(new FileRef(url, file.bytes())),
        TABLE.sortBy());
  }

  @AfterAll
  void close() {
    session.close();
    memory.close();
    runtime.close();
    allocator.close();
  }

  @Test
  void findsTheSpansTheConditionIsTrueFor() throws IOException {
    for (int i = 0; i < 120; i++) {
      Condition condition = condition(3);
      List<String> expected = names(span -> holds(condition, span));

      assertThat(scan(FRESH, condition, null)).as("fresh, %s", condition).isEqualTo(expected);
      assertThat(scan(STORED, condition, null)).as("stored, %s", condition).isEqualTo(expected);
    }
  }

  @Test
  void keepsTheNewestMatchingTraces() throws IOException {
    Condition condition = new Present(new AttributeRef(AttributeScope.SPAN, "a"));
    List<Span> matching = spans.stream().filter(span -> holds(condition, span)).toList();
    Map<ByteString, Long> newest = new LinkedHashMap<>();
    matching.forEach(
        span -> newest.merge(span.getTraceId(), span.getStartTimeUnixNano(), Math::max));
    List<ByteString> traces =
        newest.entrySet().stream()
            .sorted(Map.Entry.<ByteString, Long>comparingByValue(Comparator.reverseOrder()))
            .limit(3)
            .map(Map.Entry::getKey)
            .toList();
    List<String> expected =
        names(span -> holds(condition, span) && traces.contains(span.getTraceId()));

    assertThat(scan(FRESH, condition, 3)).isEqualTo(expected);
    assertThat(scan(STORED, condition, 3)).isEqualTo(expected);
  }

  @Test
  void computesTimesInUtc() throws IOException {
    for (String from : List.of(FRESH, STORED)) {
      Sql sql =
          new Sql(
              "SELECT CAST(\"timestamp\" AS VARCHAR) || ' ' || CAST(date_day AS VARCHAR) || ' '"
                  + " || CAST(hour AS VARCHAR) FROM "
                  + from
                  + " WHERE start_time_unix_nano = $1",
              List.of(START));
      assertThat(texts(sql)).containsExactly("2025-12-31T23:59:59.123456 2025-12-31 23");
    }
  }

  @Test
  void answersARegularExpressionTheEngineDoesNotKnowWithAnError() {
    Condition lookahead = new Matches(new ColumnRef("span_name"), "a(?!b)", false);

    assertThatThrownBy(() -> scan(STORED, lookahead, null)).hasMessageContaining("look-around");
  }

  private List<String> names(Predicate<Span> predicate) {
    return spans.stream().filter(predicate).map(Span::getTraceState).sorted().toList();
  }

  /** Trace states, by which the spans are told apart. */
  private List<String> scan(String from, Condition condition, @Nullable Integer newestTraces)
      throws IOException {
    ScanQuery query =
        new ScanQuery("traces", List.of("trace_state"), condition, 1, Long.MAX_VALUE, newestTraces);
    return texts(ScanQuery.parse(query.toJson()).toSql(TABLE, from));
  }

  private List<String> texts(Sql sql) throws IOException {
    List<String> texts = new ArrayList<>();
    try (DataFrame frame = session.sql(sql.text(), sql.params());
        ArrowReader reader = frame.executeStream(allocator)) {
      while (reader.loadNextBatch()) {
        FieldVector column = reader.getVectorSchemaRoot().getVector(0);
        for (int row = 0; row < column.getValueCount(); row++) {
          texts.add(column.getObject(row).toString());
        }
      }
    }
    texts.sort(null);
    return texts;
  }

  private List<Span> spans() {
    List<Span> made = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      long start = START - i * 1_000L;
      Span.Builder span =
          Span.newBuilder()
              .setTraceId(Spans.id(1, 1 + i / 6))
              .setSpanId(ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, (byte) i}))
              .setTraceState("span-%03d".formatted(i))
              .setName(TEXTS[random.nextInt(TEXTS.length)])
              .setStartTimeUnixNano(start)
              .setEndTimeUnixNano(start + random.nextInt(4));
      if (random.nextBoolean()) {
        span.setParentSpanId(ByteString.copyFrom(new byte[] {9, 9, 9, 9, 9, 9, 9, 9}));
      }
      TreeSet<String> keys = new TreeSet<>();
      for (int k = random.nextInt(4); k > 0; k--) {
        keys.add(KEYS[random.nextInt(KEYS.length)]);
      }
      keys.forEach(key -> span.addAttributes(KeyValue.newBuilder().setKey(key).setValue(value())));
      made.add(span.build());
    }
    return made;
  }

  private AnyValue value() {
    AnyValue.Builder value = AnyValue.newBuilder();
    switch (random.nextInt(6)) {
      case 0, 1 -> value.setStringValue(TEXTS[random.nextInt(TEXTS.length)]);
      case 2 -> value.setIntValue(random.nextInt(4));
      case 3 -> value.setDoubleValue(random.nextInt(4) / 2.0);
      case 4 -> value.setBoolValue(random.nextBoolean());
      default -> value.setBytesValue(ByteString.EMPTY);
    }
    return value.build();
  }

  private Condition condition(int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 7)) {
      case 0, 1 -> compare();
      case 2 -> new Present(operand());
      case 3 -> random.nextBoolean() ? matches() : in();
      case 4 -> new Not(condition(depth - 1));
      case 5 -> new And(conditions(depth - 1));
      default -> new Or(conditions(depth - 1));
    };
  }

  private List<Condition> conditions(int depth) {
    List<Condition> conditions = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      conditions.add(condition(depth));
    }
    return conditions;
  }

  private Condition compare() {
    ComparisonOperator[] operators = ComparisonOperator.values();
    ComparisonOperator operator = operators[random.nextInt(operators.length)];
    if (random.nextInt(4) == 0) {
      return switch (random.nextInt(3)) {
        case 0 ->
            new Compare(
                new ColumnRef("duration_nanos"), operator, new Literal.Int(random.nextInt(4)));
        case 1 -> new Compare(new ColumnRef("is_root"), operator, new Literal.Bool(true));
        default ->
            new Compare(
                new ColumnRef("span_name"),
                operator,
                new Literal.Text(TEXTS[random.nextInt(TEXTS.length)]));
      };
    }
    return new Compare(attribute(), operator, literal());
  }

  private Condition matches() {
    String[] expressions = {"G.*", "GET|.*x", "", ".", ".*🔑(?s:.*)", "(?P<n>G)ET", "'[^']*"};
    Operand field = random.nextBoolean() ? attribute() : new ColumnRef("span_name");
    return new Matches(
        field, expressions[random.nextInt(expressions.length)], random.nextBoolean());
  }

  private Condition in() {
    List<Literal> values = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      values.add(literal());
    }
    return new In(attribute(), values);
  }

  private Operand operand() {
    return random.nextInt(4) == 0 ? new ColumnRef("parent_span_id") : attribute();
  }

  private Operand attribute() {
    return new AttributeRef(AttributeScope.SPAN, KEYS[random.nextInt(KEYS.length)]);
  }

  private Literal literal() {
    return switch (random.nextInt(4)) {
      case 0 -> new Literal.Text(TEXTS[random.nextInt(TEXTS.length)]);
      case 1 -> new Literal.Int(random.nextInt(4));
      case 2 -> new Literal.Real(random.nextInt(4) / 2.0);
      default -> new Literal.Bool(random.nextBoolean());
    };
  }

  /** What the documentation of {@link Condition} says, over the spans as they were sent. */
  private static boolean holds(Condition condition, Span span) {
    if (condition instanceof And and) {
      return and.conditions().stream().allMatch(inner -> holds(inner, span));
    }
    if (condition instanceof Or or) {
      return or.conditions().stream().anyMatch(inner -> holds(inner, span));
    }
    if (condition instanceof Not not) {
      return !holds(not.condition(), span);
    }
    if (condition instanceof Present present) {
      return value(present.field(), span) != null;
    }
    if (condition instanceof In in) {
      Object value = value(in.field(), span);
      return in.values().stream().anyMatch(literal -> literal.parameter().equals(value));
    }
    if (condition instanceof Matches matches) {
      return value(matches.field(), span) instanceof String text
          && text.matches(matches.regex().replace("?P<", "?<")) != matches.negated();
    }
    Compare compare = (Compare) condition;
    Object value = value(compare.field(), span);
    Object literal = compare.value().parameter();
    return value != null
        && value.getClass().equals(literal.getClass())
        && compares(compareValues(value, literal), compare.operator());
  }

  @SuppressWarnings("unchecked")
  private static int compareValues(Object value, Object literal) {
    return ((Comparable<Object>) value).compareTo(literal);
  }

  private static boolean compares(int order, ComparisonOperator operator) {
    return switch (operator) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      case GREATER_OR_EQUAL -> order >= 0;
    };
  }

  private static @Nullable Object value(Operand operand, Span span) {
    if (operand instanceof ColumnRef column) {
      return switch (column.storageColumn()) {
        case "span_name" -> span.getName();
        case "is_root" -> span.getParentSpanId().isEmpty();
        case "duration_nanos" -> span.getEndTimeUnixNano() - span.getStartTimeUnixNano();
        case "parent_span_id" -> span.getParentSpanId().isEmpty() ? null : "parent";
        default -> throw new IllegalArgumentException(column.storageColumn());
      };
    }
    String key = ((AttributeRef) operand).key();
    for (KeyValue attribute : span.getAttributesList()) {
      if (attribute.getKey().equals(key)) {
        AnyValue value = attribute.getValue();
        return switch (value.getValueCase()) {
          case STRING_VALUE -> value.getStringValue();
          case INT_VALUE -> value.getIntValue();
          case DOUBLE_VALUE -> value.getDoubleValue();
          case BOOL_VALUE -> value.getBoolValue();
          default -> value;
        };
      }
    }
    return null;
  }
}
