package io.signaldb.querier.traceql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
          .with(Scope.SPAN, "list", new Value.Structured("{\"kvlistValue\":{}}"))
          .with(Scope.SPAN, "none", array())
          .with(Scope.SPAN, "texts", array(new Value.Text("ab"), new Value.Text("cd")))
          .with(Scope.SPAN, "ints", array(new Value.Int(1), new Value.Int(5)))
          .with(Scope.SPAN, "flags", array(Value.Bool.FALSE, Value.Bool.TRUE))
          .with(Scope.SPAN, "mixed", array(new Value.Text("ab"), new Value.Real(1.5)))
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
          .with(Intrinsic.STATUS_MESSAGE, new Value.Text(""))
          .withEvent("start", "e", new Value.Int(1))
          .withEvent("stop", "e", new Value.Int(2))
          .withLink("0000000000000001", "l", new Value.Text("x"))
          .withLink("0000000000000002", "l", new Value.Text("y"))
          .childOf(
              new FakeSpan()
                  .with(Scope.SPAN, "i", new Value.Int(9))
                  .with(Scope.SPAN, "both", new Value.Text("span"))
                  .with(Scope.RESOURCE, "both", new Value.Text("resource"))
                  .with(Scope.RESOURCE, "r", new Value.Text("of parent")));

  private static Value array(Value... elements) {
    return new Value.Array(List.of(elements), "");
  }

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
        ".list != nil; true",
        ".list = `{}`; false",
        ".list != `x`; false",
        ".missing = .gone; false",
        ".s = .s; true",
        ".list = .list; false",
        // arrays: one element, or with != and !~ none
        ".texts = `ab`; true",
        ".texts = `x`; false",
        ".texts != `ab`; false",
        ".texts != `x`; true",
        "`ab` = .texts; true",
        ".texts =~ `c.`; true",
        ".texts =~ `.`; false",
        ".texts !~ `c.`; false",
        ".texts !~ `.`; true",
        ".texts > `b`; true",
        ".texts < `b`; true",
        ".texts = 1; false",
        ".texts != 1; false",
        ".ints = 5; true",
        ".ints = 5.0; false",
        ".ints > 4; true",
        "4 < .ints; true",
        ".ints != 5; false",
        ".ints != 2; true",
        ".ints !~ `x`; false",
        ".ints = .texts; false",
        ".ints = .ints; true",
        ".flags; true",
        ".flags = false; true",
        ".mixed = 1.5; true",
        ".mixed = `ab`; true",
        ".mixed != 2.5; true",
        ".none = `x`; false",
        ".none != `x`; true",
        ".none !~ `x`; true",
        ".none != nil; true",
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
        // calculations
        ".i + 1 = 2; true",
        ".i + 1 = 2.0; true",
        ".i * 1.5 > .i; true",
        ".i - 3 < -1; true",
        "-.i = -1; true",
        "-.i < 0.5; true",
        "7 / 2 = 3; true",
        "7.0 / 2 = 3.5; true",
        "7 % 4 = 3; true",
        "2 ^ 10 = 1024; true",
        "2 ^ -1 = 0.5; true",
        "2 ^ 3 ^ 2 = 512; true",
        "-2 ^ 2 = -4; true",
        "10 - 4 - 3 = 3; true",
        "2 + 3 * 4 = 14; true",
        "(2 + 3) * 4 = 20; true",
        "9223372036854775807 + 1 = 9223372036854775808.0; true",
        "-9223372036854775808 = minInt; true",
        "maxInt = 9223372036854775807; true",
        ".i / 0 = 1; false",
        ".i / 0 != 1; false",
        ".s + 1 = 1; false",
        ".missing + 1 != 1; false",
        ".nan + 1 != 1; false",
        "duration * 2 = 2s; true",
        "duration / 4 = 250ms; true",
        "duration - 1s < 1ns; true",
        "duration / 2s = 0.5; true",
        "duration > .i * 100ms; true",
        "0.5 * 3s = 1500ms; true",
        ".i ^ 2 = 1; true",
        // events and links
        "event:name = `stop`; true",
        "event:name = `stop` && event.e = 2; true",
        "event:name = `stop` && event.e = 1; false",
        "event.e = 1 || event.e = 3; true",
        "event.e != 1; true",
        "!(event.e = 1); true",
        "event.missing = nil; true",
        "event.e = nil; false",
        "link:spanID = `1` && link.l = `x`; true",
        "link:spanID = `0000000000000001` && link.l = `y`; false",
        "link.l = `x` && event.e = 2; true",
        // the parent
        "parent.i = 9; true",
        "parent.both = `span`; true",
        "parent.span.both = `span`; true",
        "parent.resource.both = `resource`; true",
        "parent.r = `of parent`; true",
        "parent.missing = nil; true",
        "parent.i > .i; true",
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
}
