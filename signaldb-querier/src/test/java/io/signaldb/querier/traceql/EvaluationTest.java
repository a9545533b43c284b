package io.signaldb.querier.traceql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationTest {
  private static final FakeSpan SPAN =
      new FakeSpan()
          .with(Scope.SPAN, "s", new Value.Text("abc"))
          .with(Scope.SPAN, "empty", new Value.Text(""))
          .with(Scope.SPAN, "lines", new Value.Text("a\nb"))
          .with(Scope.SPAN, "i", new Value.Int(1))
          .with(Scope.SPAN, "f", new Value.Real(1.5))
          .with(Scope.SPAN, "nan", new Value.Real(Double.NaN))
          .with(Scope.SPAN, "t", Value.Bool.TRUE)
          .with(Scope.SPAN, "no", Value.Bool.FALSE)
          .with(Scope.SPAN, "array", new Value.Structured("{\"arrayValue\":{}}"))
          .with(Scope.SPAN, "both", new Value.Text("span"))
          .with(Scope.RESOURCE, "both", new Value.Text("resource"))
          .with(Scope.SPAN, "retyped", new Value.Int(7))
          .with(Scope.RESOURCE, "retyped", new Value.Text("x"))
          .with(Scope.RESOURCE, "r", new Value.Text("resource"))
          .with(Scope.INSTRUMENTATION, "lib", new Value.Text("x"))
          .with(Intrinsic.NAME, new Value.Text("GET /"))
          .with(Intrinsic.DURATION, new Value.Nanos(1_000_000_000))
          .with(Intrinsic.STATUS, Value.Status.ERROR)
          .with(Intrinsic.KIND, Value.Kind.SERVER)
          .with(Intrinsic.STATUS_MESSAGE, new Value.Text(""));

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "true; true",
        "false; false",
        "!false; true",
        // strings
        ".s = `abc`; true",
        ".s = `ab`; false",
        ".s != `ab`; true",
        ".s > `abb`; true",
        ".s >= `abc`; true",
        ".s < `abc`; false",
        ".s <= `abc`; true",
        "`abc` = .s; true",
        ".empty = ``; true",
        // regular expressions match the whole value
        ".s =~ `ab`; false",
        ".s =~ `ab.`; true",
        ".s =~ `b`; false",
        ".s =~ `ABC`; false",
        ".s =~ `(?i)ABC`; true",
        ".s =~ `x|abc`; true",
        ".s !~ `ab`; true",
        ".s !~ `.*`; false",
        ".lines =~ `a.b`; true",
        ".empty =~ ``; true",
        ".i =~ `1`; false",
        ".i !~ `1`; false",
        ".missing !~ `x`; false",
        // stored type decides
        ".i = 1; true",
        ".i = 1.0; false",
        ".i = `1`; false",
        ".i != 2; true",
        ".i != 1.0; false",
        ".i != `x`; false",
        ".i > 0; true",
        ".i >= 1; true",
        ".i < 2; true",
        ".i <= 0; false",
        ".f = 1.5; true",
        ".f > 1.0; true",
        ".f > 1; false",
        ".nan = 1.0; false",
        ".nan > 1.0; false",
        ".nan != 1.0; true",
        ".i = true; false",
        // booleans
        ".t; true",
        ".no; false",
        "!.no; true",
        "!.t; false",
        ".t = true; true",
        ".no != true; true",
        ".s; false",
        "!.s; false",
        "!.missing; false",
        ".t && .no; false",
        ".t || .no; true",
        // presence
        ".missing = `x`; false",
        ".missing != `x`; false",
        "!(.missing = `x`); true",
        ".missing = nil; true",
        ".missing != nil; false",
        ".s = nil; false",
        ".s != nil; true",
        ".array != nil; true",
        ".array = `{}`; false",
        ".array != `x`; false",
        ".missing = .gone; false",
        ".s = .s; true",
        ".array = .array; false",
        ".i < .f; false",
        // scopes
        "span.both = `span`; true",
        "resource.both = `resource`; true",
        ".both = `span`; true",
        ".both = `resource`; false",
        ".retyped = `x`; false",
        "resource.retyped = `x`; true",
        ".r = `resource`; true",
        "span.r = nil; true",
        "span.r = `resource`; false",
        ".lib = nil; true",
        "instrumentation.lib = `x`; true",
        // intrinsics
        "name = `GET /`; true",
        "span:name =~ `GET.*`; true",
        "duration = 1s; true",
        "duration > 999ms; true",
        "duration > 1s; false",
        "duration >= 1000000000; true",
        "duration < 1000000000.5; true",
        "1s <= duration; true",
        "status = error; true",
        "status != ok; true",
        "status = unset; false",
        "kind = server; true",
        "kind != client; true",
        "statusMessage = ``; true",
        "statusMessage != `x`; true",
        "rootName = `x`; false",
        "rootName != `x`; false",
        // constants
        "1 < 1.1; true",
        "2s > 1s; true",
        "`b` > `a`; true",
        // equal precedence, left to right
        "true || false && false; false",
        "true || (false && false); true",
        "false && false || true; true",
      })
  void evaluates(String condition, boolean expected) {
    assertThat(select("{" + condition + "}", List.of(SPAN))).hasSize(expected ? 1 : 0);
  }

  @Test
  void ordersStringsByCodePoint() {
    FakeSpan span = new FakeSpan().with(Scope.SPAN, "a", new Value.Text("\uD83D\uDE00"));
    assertThat(select("{ .a > \"\\uffee\" }", List.of(span))).hasSize(1);
  }

  @Test
  void combinesSpansetsOfOneTrace() {
    FakeSpan a = new FakeSpan().with(Scope.SPAN, "a", Value.Bool.TRUE);
    FakeSpan b = new FakeSpan().with(Scope.SPAN, "b", Value.Bool.TRUE);
    FakeSpan both =
        new FakeSpan()
            .with(Scope.SPAN, "a", Value.Bool.TRUE)
            .with(Scope.SPAN, "b", Value.Bool.TRUE);
    List<FakeSpan> trace = List.of(b, both, a, new FakeSpan());

    assertThat(select("{.a} && {.b}", trace)).containsExactly(b, both, a);
    assertThat(select("{.a} || {.b}", trace)).containsExactly(b, both, a);
    assertThat(select("{.a} && {.c}", trace)).isEmpty();
    assertThat(select("{.c} && {.a}", trace)).isEmpty();
    assertThat(select("{.a} || {.c}", trace)).containsExactly(both, a);
    assertThat(select("{.c} || {.a}", trace)).containsExactly(both, a);
    assertThat(select("{.c} && {.a} || {.b}", trace)).containsExactly(b, both);
    assertThat(select("{.a && .b}", trace)).containsExactly(both);
    assertThat(select("{}", trace)).isEqualTo(trace);
  }

  private static List<FakeSpan> select(String query, List<FakeSpan> trace) {
    return TraceQl.parseSearch(query).spansets().evaluate(Spanset.of(trace)).stream()
        .flatMap(spanset -> spanset.spans().stream())
        .toList();
  }

  private static final class FakeSpan implements SpanView {
    private final Map<String, Value> attributes = new HashMap<>();
    private final Map<Intrinsic, Value> intrinsics = new EnumMap<>(Intrinsic.class);

    FakeSpan with(Scope scope, String key, Value value) {
      attributes.put(scope.prefix() + key, value);
      return this;
    }

    FakeSpan with(Intrinsic intrinsic, Value value) {
      intrinsics.put(intrinsic, value);
      return this;
    }

    @Override
    public Value attribute(Scope scope, String key) {
      return attributes.getOrDefault(scope.prefix() + key, Value.NIL);
    }

    @Override
    public Value intrinsic(Intrinsic intrinsic) {
      return intrinsics.getOrDefault(intrinsic, Value.NIL);
    }

    @Override
    public @Nullable SpanView parent() {
      return null;
    }

    @Override
    public List<? extends SpanView> views(boolean events, boolean links) {
      return List.of(this);
    }
  }
}
