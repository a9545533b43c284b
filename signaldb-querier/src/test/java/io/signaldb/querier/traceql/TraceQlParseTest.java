package io.signaldb.querier.traceql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Comparison;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.FieldExpression.Literal;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.FieldExpression.Not;
import io.signaldb.querier.traceql.FieldExpression.Presence;
import io.signaldb.querier.traceql.FieldExpression.RegexMatch;
import io.signaldb.querier.traceql.SpansetExpression.Combination;
import io.signaldb.querier.traceql.SpansetExpression.Filter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceQlParseTest {
  private static final FieldExpression A = truth("a");
  private static final FieldExpression B = truth("b");
  private static final FieldExpression C = truth("c");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{ }",
        "  { true }\n",
        "{ !true }",
        "{ -1 = 2 }",
        "{ 1 <= 1.1 }",
        "{ 1 < 1h }",
        "{ .a }",
        "{ !.a }",
        "{ .a && false }",
        "{ \"test\" =~ `test` }",
        "{ !(\"test\" != .c || ((true && .b) || 3 < .a)) }",
        "{ .http.status >= \"200\" }",
        "{ status != error }",
        "{ kind = consumer }",
        "{ statusMessage =~ \".*\" }",
        "{ .foo = nil }",
        "{ nil != resource.foo }",
        "{ trace:duration > 2s && trace:rootName = \"a\" && trace:rootService = \"a\" }",
        "{ trace:id = \"0af7\" || span:id = \"01\" || span:parentID = \"02\" }",
        "{ span:duration > 2s && span:status = error && span:kind = client && span:name = `x` }",
        "{ span:statusMessage = \"m\" && instrumentation:name = \"grpc\" }",
        "{ instrumentation.foo = \"bar\" && instrumentation:version = \"v3.34\" }",
        "{ true } && { true }",
        "({ true } || { false }) && { .a }",
        "{} | select(.a, span.b, resource.c, name)",
        "{ .a /* no */ = 2 // nor this\n }",
      })
  void acceptsQueriesOfTempo(String query) {
    assertThatCode(() -> TraceQl.parse(query)).doesNotThrowAnyException();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void buildsTheTree(String condition, FieldExpression tree) {
    assertThat(TraceQl.parseSearch("{" + condition + "}").spansets()).isEqualTo(new Filter(tree));
  }

  static Stream<Arguments> buildsTheTree() {
    return Stream.of(
        Arguments.of("", new Literal(Value.Bool.TRUE)),
        Arguments.of(".a || .b && .c", and(or(A, B), C)),
        Arguments.of(".a && .b || .c", or(and(A, B), C)),
        Arguments.of(".a || (.b && .c)", or(A, and(B, C))),
        Arguments.of(".a && .b && .c", new Logical(true, List.of(A, B, C))),
        Arguments.of("!.a && .b", and(new Not(A), B)),
        Arguments.of("!.a = .b", compare(new Not(A), ComparisonOperator.EQUAL, B)),
        Arguments.of("!!.a", new Not(new Not(A))),
        Arguments.of(".a=1", equal(A, new Value.Int(1))),
        Arguments.of(".a=-1", equal(A, new Value.Int(-1))),
        Arguments.of(".a=1.0", equal(A, new Value.Real(1))),
        Arguments.of(".a=1e3", equal(A, new Value.Real(1000))),
        Arguments.of(".a=.5", equal(A, new Value.Real(0.5))),
        Arguments.of(".a=9223372036854775807", equal(A, new Value.Int(Long.MAX_VALUE))),
        Arguments.of("duration=1h2m3.5s", equalDuration(3_723_500_000_000L)),
        Arguments.of("duration=1500us", equalDuration(1_500_000)),
        Arguments.of("duration=2µs", equalDuration(2_000)),
        Arguments.of("duration=-7ns", equalDuration(-7)),
        Arguments.of("duration=1d", equalDuration(86_400_000_000_000L)),
        Arguments.of("status=error", intrinsic(Intrinsic.STATUS, Value.Status.ERROR)),
        Arguments.of("kind=server", intrinsic(Intrinsic.KIND, Value.Kind.SERVER)),
        Arguments.of(
            "traceDuration=1s",
            intrinsic(Intrinsic.TRACE_DURATION, new Value.Nanos(1_000_000_000))),
        Arguments.of(".a=true", equal(A, Value.Bool.TRUE)),
        Arguments.of(".a=nil", new Presence(new Attribute(Scope.ANY, "a"), false)),
        Arguments.of("nil!=span.a", new Presence(new Attribute(Scope.SPAN, "a"), true)),
        Arguments.of(".a!~`b.*`", new RegexMatch(A, Regex.compile("b.*"), true)),
        Arguments.of(".a=\"q\\\"\\n\\u00e4\\x41\\101\"", equal(A, new Value.Text("q\"\näAA"))),
        Arguments.of(".a=`c:\\dir`", equal(A, new Value.Text("c:\\dir"))),
        Arguments.of(
            "\n.service.name\t>\"x\"",
            compare(attribute(Scope.ANY, "service.name"), ComparisonOperator.GREATER, text("x"))),
        Arguments.of(
            "span.\"a b=\\\"c\\\"\"=`x`",
            equal(attribute(Scope.SPAN, "a b=\"c\""), new Value.Text("x"))),
        Arguments.of(
            "resource.k8s.pod-name=`x`",
            equal(attribute(Scope.RESOURCE, "k8s.pod-name"), new Value.Text("x"))),
        Arguments.of(".span.a=`x`", equal(attribute(Scope.ANY, "span.a"), new Value.Text("x"))),
        Arguments.of(
            "span.\"foo\".bar=`x`", equal(attribute(Scope.SPAN, "foo.bar"), new Value.Text("x"))));
  }

  @Test
  void combinesSpansetsFromLeftToRight() {
    Filter a = new Filter(A);
    Filter b = new Filter(B);
    Filter c = new Filter(C);
    assertThat(TraceQl.parseSearch("{.a} || {.b} && {.c}").spansets())
        .isEqualTo(new Combination(true, new Combination(false, a, b), c));
    assertThat(TraceQl.parseSearch("{.a} || ({.b} && {.c})").spansets())
        .isEqualTo(new Combination(false, a, new Combination(true, b, c)));
  }

  @Test
  void namesEachFieldOnce() {
    Query.Search query =
        TraceQl.parseSearch(
            "{ .a = 1 || span.b = 2 || .a = 3 } && { name = `x` } | select(.c, .a)");
    assertThat(query.fields())
        .containsExactly(
            attribute(Scope.ANY, "a"),
            attribute(Scope.SPAN, "b"),
            new IntrinsicField(Intrinsic.NAME),
            attribute(Scope.ANY, "c"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "## ; 1 ; 1 ; unexpected end of query, expected a spanset filter such as '{ .a = 1 }', '(' or a function such as count()",
        "true ; 1 ; 1 ; unexpected 'true', expected a spanset filter such as '{ .a = 1 }', '(' or a function such as count()",
        "{ ; 1 ; 2 ; unexpected end of query, expected a field, a value or '('",
        "{ .a ; 1 ; 5 ; unexpected end of query, expected an operator or '}'",
        "{ . } ; 1 ; 3 ; expected an attribute name after '.'",
        "{ span. = 1 } ; 1 ; 3 ; expected an attribute name after 'span.'",
        "{ < } ; 1 ; 3 ; unexpected '<', expected a field, a value or '('",
        "{ .a < } ; 1 ; 8 ; unexpected '}', expected a field",
        "{ (.a < 3 } ; 1 ; 11 ; unexpected '}', expected an operator or ')'",
        "{ .a == 4 } ; 1 ; 7 ; unexpected '=', expected a field",
        "{ service = 4 } ; 1 ; 3 ; unknown field 'service', expected an intrinsic such as name or duration, or an attribute such as .service, span.service or resource.service",
        "{ trace:status = error } ; 1 ; 3 ; unknown field 'trace:status'",
        "{ span:rootName = `x` } ; 1 ; 3 ; unknown field 'span:rootName'",
        "{ .a = 1 } } ; 1 ; 12 ; unexpected '}', expected an operator, '|' or end of query",
        "{ .a = 1 } { .b = 2 } ; 1 ; 12 ; unexpected '{'",
        "{ .a = 1 &&  } ; 1 ; 14 ; unexpected '}'",
        "{ .a = 1 & .b } ; 1 ; 10 ; unexpected character '&'",
        "{ .a = \"x } ; 1 ; 8 ; string is not closed, expected '\"'",
        "{ .a = `x } ; 1 ; 8 ; string is not closed, expected '`'",
        "{ .a = \"\\q\" } ; 1 ; 9 ; invalid escape in string, expected one of",
        "{ .a = \"\\xff\" } ; 1 ; 8 ; string is not valid UTF-8",
        "{ .a = 'x' } ; 1 ; 8 ; unexpected character '''",
        "{ .a = 99999999999999999999 } ; 1 ; 8 ; integer 99999999999999999999 does not fit into 64 bits",
        "{ duration > 10mm } ; 1 ; 14 ; invalid duration '10mm', expected for example 100ms, 1.5s or 1h30m",
        "{ duration > 300y } ; 1 ; 14 ; invalid duration '300y'",
        "{ .a = 5x } ; 1 ; 9 ; unexpected 'x' after number '5'",
        "{ duration > \"1s\" } ; 1 ; 12 ; cannot compare a duration with a string: both sides of '>' must have the same type",
        "{ 1 = name } ; 1 ; 5 ; cannot compare an integer with a string",
        "{ status = server } ; 1 ; 10 ; cannot compare a status with a kind",
        "{ status > ok } ; 1 ; 10 ; a status has no order: '>' cannot be used, only = and !=",
        "{ .a > true } ; 1 ; 6 ; a boolean has no order",
        "{ name = nil } ; 1 ; 8 ; nil can only be compared with an attribute, with '=' or '!='",
        "{ .a > nil } ; 1 ; 6 ; nil can only be compared with an attribute",
        "{ nil = nil } ; 1 ; 7 ; nil can only be compared with an attribute",
        "{ .a =~ 2 } ; 1 ; 9 ; '=~' needs a string with a regular expression, not an integer",
        "{ duration =~ `x` } ; 1 ; 12 ; '=~' needs a string on its left, not a duration",
        "{ .a =~ \"[\" } ; 1 ; 9 ; invalid regular expression '\"[\"': missing closing ]",
        "{ name } ; 1 ; 3 ; a spanset filter needs a boolean, not a string",
        "{ nil } ; 1 ; 3 ; a spanset filter needs a boolean, not nil",
        "{ .a && \"x\" } ; 1 ; 9 ; '&&' needs a boolean, not a string",
        "{ 1 || .a } ; 1 ; 3 ; '||' needs a boolean, not an integer",
        "{ !name = `x` } ; 1 ; 4 ; '!' needs a boolean, not a string",
        "{ -true } ; 1 ; 3 ; '-' needs a number or a duration, not a boolean",
        "{ .a + true = 2 } ; 1 ; 6 ; '+' needs a number or a duration, not a boolean",
        "{ name * 2 = 2 } ; 1 ; 8 ; '*' needs a number or a duration, not a string",
        "{ .a = 1 / 0 } ; 1 ; 10 ; the result of '/' is not a number",
        "{ .a = 9223372036854775808 } ; 1 ; 8 ; integer 9223372036854775808 does not fit into 64 bits",
        "{ .a - 9223372036854775808 = 1 } ; 1 ; 8 ; integer 9223372036854775808 does not fit into 64 bits",
        "{ .a = 1e999 } ; 1 ; 8 ; number 1e999 does not fit into 64 bits",
        "{ .a = 1 /* } ; 1 ; 10 ; comment is not closed, expected '*/'",
        "{ parent. = 1 } ; 1 ; 3 ; expected an attribute name after 'parent.'",
        "{ event:foo = `x` } ; 1 ; 3 ; unknown field 'event:foo'",
        "{ event:name = nil } ; 1 ; 14 ; nil can only be compared with an attribute",
        "{ childCount = `x` } ; 1 ; 14 ; cannot compare an integer with a string",
        "{ parent && .a } ; 1 ; 3 ; '&&' needs a boolean, not an attribute",
        "{} >> ; 1 ; 6 ; unexpected end of query",
        "{} >> count() ; 1 ; 7 ; '>>' needs a spanset, not a number",
        "{} = {} ; 1 ; 4 ; '=' cannot compare a spanset with a spanset",
        "{} + {} ; 1 ; 4 ; '+' needs numbers or metrics queries, not a spanset",
        "{} && count() ; 1 ; 7 ; '&&' needs a spanset, not a number",
        "{} | count() ; 1 ; 13 ; unexpected end of query, expected a comparison such as '> 2'",
        "({} | count()) | select(.a) ; 1 ; 16 ; unexpected '|', expected a comparison",
        "{} | count( ; 1 ; 12 ; unexpected end of query, expected ')'",
        "{} | count() > `x` ; 1 ; 16 ; unexpected '`x`'",
        "{} | 1 > 2 ; 1 ; 8 ; '>' compares two constants, expected an aggregate such as count()",
        "{} | avg() > 1 ; 1 ; 10 ; unexpected ')', expected a field",
        "{} | avg(name) > 1 ; 1 ; 10 ; avg() needs a number or a duration, not a string",
        "{} | avg(1) > 1 ; 1 ; 10 ; avg() needs a field of the span, not only constants",
        "{} | by(1) ; 1 ; 9 ; by() needs a field of the span, not only constants",
        "{} | by() ; 1 ; 9 ; unexpected ')', expected a field",
        "{} | coalesce(.a) ; 1 ; 15 ; unexpected '.a', expected ')'",
        "rate() ; 1 ; 1 ; unexpected 'rate', expected a spanset filter before 'rate', such as '{ } |'",
        "{} | rate(.a) ; 1 ; 11 ; unexpected '.a', expected ')'",
        "{} | rate() by() ; 1 ; 16 ; unexpected ')', expected a field",
        "{} | rate() by(1) ; 1 ; 16 ; unexpected '1', expected a field",
        "{} | rate() | count() > 1 ; 1 ; 15 ; unexpected 'count', expected 'topk(' or 'bottomk('",
        "{} | rate() > `x` ; 1 ; 15 ; unexpected '`x`'",
        "{} | rate() * 2 ; 1 ; 13 ; unexpected '*', expected an operator, '|' or end of query",
        "{} | rate() | topk(0) ; 1 ; 20 ; unexpected '0', expected a positive integer",
        "{} | rate() | topk(1.5) ; 1 ; 20 ; unexpected '1.5', expected a positive integer",
        "{} | min_over_time() ; 1 ; 20 ; unexpected ')', expected a field",
        "{} | min_over_time(name) ; 1 ; 20 ; min_over_time() needs a number or a duration, not a string",
        "{} | quantile_over_time(duration) ; 1 ; 33 ; unexpected ')', expected ',' and a quantile such as 0.9",
        "{} | quantile_over_time(duration, 1.1) ; 1 ; 35 ; unexpected '1.1', expected a quantile from 0 to 1",
        "{} | quantile_over_time(duration, 1s) ; 1 ; 35 ; unexpected '1s', expected a quantile from 0 to 1",
        "{} | compare(status = error) ; 1 ; 14 ; unexpected 'status', expected a spanset filter",
        "{} | compare({}, 0) ; 1 ; 18 ; unexpected '0', expected a positive integer",
        "{} | compare({}, 5, 10) ; 1 ; 23 ; unexpected ')', expected ',' and an end in nanoseconds",
        "{} | compare({}, 5, 10, 10) ; 1 ; 25 ; the end 10 is not after the start 10",
        "({} | rate()) % ({} | rate()) ; 1 ; 15 ; '%' cannot be used with metrics queries, only + - * /",
        "({} | rate()) + count() ; 1 ; 15 ; '+' calculates with metrics queries and constants only",
        "{} | ({} | rate()) ; 1 ; 6 ; a metrics query cannot stand behind '|'",
        "({} | rate()) && {} ; 1 ; 1 ; '&&' needs a spanset, not a metrics query",
        "{} with ; 1 ; 8 ; unexpected end of query, expected '('",
        "{} with () ; 1 ; 10 ; unexpected ')', expected the name of a hint",
        "{} with (a) ; 1 ; 11 ; unexpected ')', expected '='",
        "{} with (a=b) ; 1 ; 12 ; unexpected 'b', expected a constant",
        "{} with (a=1) | select(.a) ; 1 ; 15 ; unexpected '|'",
        "{} | select() ; 1 ; 13 ; unexpected ')', expected a field",
        "{} | select(1) ; 1 ; 13 ; unexpected '1', expected a field",
        "{} | nonsense() ; 1 ; 6 ; unexpected 'nonsense', expected a spanset filter such as '{ .a = 1 }', '(' or a function such as count()",
      })
  void refusesWithPositionAndExpectation(String query, int line, int column, String problem) {
    assertThatThrownBy(() -> TraceQl.parse(query))
        .isInstanceOf(TraceQlException.class)
        .hasMessageStartingWith(
            "invalid TraceQL query: parse error at line %d, col %d: %s"
                .formatted(line, column, problem));
  }

  @Test
  void countsLinesAndCharactersNotUtf16Units() {
    assertThatThrownBy(() -> TraceQl.parse("{ name = `\uD83D\uDE00`\n && .b = `\uD83D\uDE00` & }"))
        .hasMessageContaining("at line 2, col 14: unexpected character '&'")
        .isInstanceOfSatisfying(
            TraceQlException.class,
            e -> assertThat(e.position()).isEqualTo(new TraceQlException.Position(2, 14)));
  }

  @Test
  void refusesWhatWouldOverflowTheStack() {
    assertThatThrownBy(() -> TraceQl.parse("{" + "(".repeat(50_000)))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{" + "!".repeat(50_000)))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("(".repeat(50_000)))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{.a" + " && .b || .c".repeat(5_000) + "}"))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{}" + " && {}".repeat(5_000)))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{" + " ".repeat(TraceQl.MAX_LENGTH) + "}"))
        .hasMessageContaining("the query has 131074 characters, expected at most 131072");
  }

  @Test
  void refusesOrTakesHugeQueriesAtOnce() {
    assertThatThrownBy(() -> TraceQl.parse("{ .a = `" + "x".repeat(10_000_000) + "` }"))
        .hasMessageContaining("characters, expected at most 131072");
    assertThatThrownBy(() -> TraceQl.parse("(".repeat(10_000) + "{}" + ")".repeat(10_000)))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{ .a = " + "1".repeat(100_000) + " }"))
        .hasMessageContaining("integer 1111111111111111111111111111111111111111… does not fit");
    assertThatThrownBy(() -> TraceQl.parse("{ .a = " + "-".repeat(100_000) + "1 }"))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{ .a = 1" + " + .b".repeat(10_000) + " }"))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{}" + " > {}".repeat(10_000)))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{} | rate()" + " > 1".repeat(10_000)))
        .hasMessageContaining("nested more than 100 levels deep");
    assertThatThrownBy(() -> TraceQl.parse("{ nosuch" + "x".repeat(100_000) + " = 1 }"))
        .hasMessageContaining("unknown field 'nosuchxxx");
    assertThatCode(() -> TraceQl.parse("{" + " \n//c\n/**/".repeat(10_000) + "}"))
        .doesNotThrowAnyException();
    assertThatCode(() -> TraceQl.parse("{}" + " | {}".repeat(10_000))).doesNotThrowAnyException();
  }

  @Test
  void matchesRegularExpressionsInLinearTime() {
    Regex bomb = Regex.compile("(a*)*(a|aa)+(a?){50}a{50}b");
    assertThat(bomb.matches("a".repeat(5_000))).isFalse();
    assertThatThrownBy(() -> TraceQl.parse("{ .a =~ `((a{1000}){1000}){1000}` }"))
        .hasMessageContaining("invalid regular expression");
  }

  @Test
  void takesLongChainsOfOneOperator() {
    Query.Search query = TraceQl.parseSearch("{.a" + " || .b".repeat(10_000) + "}");
    assertThat(query.fields()).hasSize(2);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "#{ name=\"baz\" && span.x = }# ; #{ name=\"baz\" }#",
        "#{ span.x =  && name=\"baz\" }# ; #{ name=\"baz\" }#",
        "#{ span. && name=\"baz\" && .b > 1#  ; #{ name=\"baz\" && .b > 1 }#",
        "#{ name=\"baz\" }#         ; #{ name=\"baz\" }#",
      })
  void takesWhatIsCompleteOfAQueryBeingTyped(String typed, String complete) {
    FieldExpression expected = ((Filter) TraceQl.parseSearch(complete).spansets()).condition();
    assertThat(TraceQl.parseWhatIsComplete(typed)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "{ .x = ",
        "{ .a = 1 || .b = }",
        "{ (.a = 1 && .b) ",
        "{ .a = \"x",
        "{ .a } >> { .b }",
        "{ .a } | rate()"
      })
  void takesNothingWhereTheRestCouldChangeTheMeaning(String typed) {
    assertThat(TraceQl.parseWhatIsComplete(typed)).isEmpty();
  }

  @Test
  void readsNamesOfTags() {
    assertThat(TraceQl.parseField(".service.name")).isEqualTo(attribute(Scope.ANY, "service.name"));
    assertThat(TraceQl.parseField("resource.service.name"))
        .isEqualTo(attribute(Scope.RESOURCE, "service.name"));
    assertThat(TraceQl.parseField("span:status")).isEqualTo(new IntrinsicField(Intrinsic.STATUS));
    assertThatThrownBy(() -> TraceQl.parseField("service.name"))
        .isInstanceOf(TraceQlException.class)
        .hasMessageContaining("unknown field 'service'");
    assertThatThrownBy(() -> TraceQl.parseField("name = 1"))
        .hasMessageContaining("unexpected '=', expected end of the tag");
  }

  @Test
  void offersTheIntrinsicsOfTempo() {
    assertThat(Intrinsic.COMPLETION_NAMES)
        .hasSize(24)
        .doesNotHaveDuplicates()
        .contains("name", "rootServiceName", "trace:rootService", "event:timeSinceStart")
        .doesNotContain("nestedSetParent");
  }

  private static FieldExpression truth(String key) {
    return attribute(Scope.ANY, key);
  }

  private static Attribute attribute(Scope scope, String key) {
    return new Attribute(scope, key);
  }

  private static Literal text(String text) {
    return new Literal(new Value.Text(text));
  }

  private static FieldExpression and(FieldExpression left, FieldExpression right) {
    return new Logical(true, List.of(left, right));
  }

  private static FieldExpression or(FieldExpression left, FieldExpression right) {
    return new Logical(false, List.of(left, right));
  }

  private static FieldExpression compare(
      FieldExpression left, ComparisonOperator operator, FieldExpression right) {
    return new Comparison(left, operator, right);
  }

  private static FieldExpression equal(FieldExpression left, Value right) {
    return compare(left, ComparisonOperator.EQUAL, new Literal(right));
  }

  private static FieldExpression equalDuration(long nanos) {
    return intrinsic(Intrinsic.DURATION, new Value.Nanos(nanos));
  }

  private static FieldExpression intrinsic(Intrinsic intrinsic, Value value) {
    return equal(new IntrinsicField(intrinsic), value);
  }
}
