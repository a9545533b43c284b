package io.signaldb.querier.traceql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What queries make of one trace: {@code a} is the root, {@code b} and {@code c} are its children,
 * {@code d} is {@code b}'s, {@code e} is {@code c}'s and {@code f} is {@code e}'s; the parent of
 * {@code g} is not there, and {@code h} is {@code g}'s child.
 */
class SpansetTest {
  private static final FakeSpan A = span("a", 1, "x").with(Scope.SPAN, "real", new Value.Real(0.5));
  private static final FakeSpan B = span("b", 2, "y").childOf(A);
  private static final FakeSpan C = span("c", 3, "y").childOf(A);
  private static final FakeSpan D = span("d", 4, "x").childOf(B);
  private static final FakeSpan E = span("e", 5, "z").childOf(C);
  private static final FakeSpan F =
      span("f", 6, "z").childOf(E).with(Scope.SPAN, "real", new Value.Real(Double.NaN));
  private static final FakeSpan G = FakeSpan.named("g").with(Intrinsic.DURATION, millis(7));
  private static final FakeSpan H = span("h", 8, "x").childOf(G);
  private static final List<FakeSpan> TRACE = List.of(A, B, C, D, E, F, G, H);

  private static FakeSpan span(String name, long number, String group) {
    return FakeSpan.named(name)
        .with(Intrinsic.DURATION, millis(number))
        .with(Scope.SPAN, "n", new Value.Int(number))
        .with(Scope.SPAN, "group", new Value.Text(group));
  }

  private static Value millis(long number) {
    return new Value.Nanos(number * 1_000_000);
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        // children and parents
        "{ name = `a` } > {}; b c",
        "{} > { name = `a` }; ''",
        "{ name = `e` } > { name = `f` }; f",
        "{ name = `a` } > { name = `d` }; ''",
        "{ name = `d` } < {}; b",
        "{} < {}; a b c e g",
        // descendants and ancestors
        "{ name = `a` } >> {}; b c d e f",
        "{ name = `c` } >> {}; e f",
        "{ name = `g` } >> {}; h",
        "{ name = `f` } << {}; a c e",
        "{ name = `a` } << {}; ''",
        "{} >> {}; b c d e f h",
        // siblings, of which nobody is his own
        "{ name = `b` } ~ {}; c",
        "{} ~ {}; b c",
        "{ name = `a` } ~ { name = `g` }; ''",
        // negated
        "{} !> {}; a g",
        "{ name = `a` } !> {}; a d e f g h",
        "{} !< {}; d f h",
        "{ name = `c` } !>> {}; a b c d g h",
        "{ name = `f` } !<< {}; b d f g h",
        "{ name = `b` } !~ {}; a b d e f g h",
        "{ name = `nobody` } !>> { name = `b` }; b",
        "{} !>> { name = `nobody` }; ''",
        // unions
        "{ name = `a` } &> {}; a b c",
        "{} &> { name = `f` }; e f",
        "{ name = `c` } &>> {}; c e f",
        "{ name = `f` || name = `h` } &<< { name = `a` }; a f",
        "{ name = `b` } &~ {}; b c",
        "{ name = `d` } &< {}; b d",
        "{ name = `nobody` } &>> {}; ''",
        // what binds closer, and from the left
        "{ name = `a` } > {} > {}; d e",
        "{ name = `a` } > ({} > {}); b c",
        "{ name = `d` } || { name = `a` } > { name = `b` }; b d",
        "{ name = `d` } || { name = `b` } && { name = `c` }; b c d",
        "{ name = `nobody` } && { name = `b` } || { name = `c` }; c",
        // pipelines
        "{ .n > 2 } | { .n < 5 }; c d",
        "{ .n > 2 } | {} > {}; e f",
        "({ .n > 2 } | count() = 5) && { name = `a` }; a c d e f h",
        "({ .n > 2 } | count() = 4) && { name = `a` }; ''",
        "{ .n > 2 } | select(.group); c d e f h",
        // aggregates
        "count() = 8; a b c d e f g h",
        "{ .n > 2 } | count() > 5; ''",
        "{ .n > 6 } | count() = 1; h",
        "{ .n = 99 } | count() < 1; ''",
        "{ .n < 4 } | sum(.n) = 6; a b c",
        "{ .n < 4 } | avg(.n) = 2; a b c",
        "{ .n < 3 } | avg(.n) > 1; a b",
        "{ .n < 3 } | avg(.n) = 1.5; a b",
        "{} | min(.n) = 1; a b c d e f g h",
        "{} | max(duration) = 8ms; a b c d e f g h",
        "{} | avg(duration) = 4500us; a b c d e f g h",
        "{} | sum(.real) = 0.5; a b c d e f g h",
        "{} | sum(.missing) = 0; ''",
        "{} | sum(.missing) != 0; ''",
        "{} | 2 * min(.n) + 1 = max(.n) - 5; a b c d e f g h",
        "{} | max(duration) > avg(duration); a b c d e f g h",
        "{} | 8 = count(); a b c d e f g h",
        "{} | avg(duration * 2) = 9ms; a b c d e f g h",
        "{} | count() / 0 = 1; ''",
        "({ .group = `x` } | count()) > ({ .group = `y` } | count()); a b c d h",
        "({ .group = `x` } | count()) < ({ .group = `y` } | count()); ''",
        "({ .group = `x` } | count()) > ({ .group = `none` } | count()); a d h",
        // groups
        "{} | by(.group); a d h | b c | e f | g",
        "{} | by(.group) | count() > 2; a d h",
        "{} | by(.group) | count() = 2 | { .n != 2 }; c | e f",
        "{} | by(.group) | {} > {}; f",
        "{} | by(.group) | {} >> { name = `f` }; f",
        "{} | by(.group) | by(.n > 2); a | d h | b | c | e f | g",
        "{} | by(.group) | count() = 2 | coalesce(); b c e f",
        "{} | by(.group) | coalesce() | count() = 8; a b c d e f g h",
        "{} | by(.group) | coalesce() | by(duration > 3ms); a b c | d e f g h",
        "by(.group) | count() = 1; g",
        "({} | by(.group)) && { name = `a` }; a b c d e f g h",
      })
  void selects(String query, String expected) {
    assertThat(evaluate(query).stream().map(SpansetTest::names).collect(Collectors.joining(" | ")))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "{} | count() > 1; {count()=8}",
        "{ .group = `x` } | by(.group); {by(.group)=\"x\"}",
        "{ name = `g` } | by(span.group); {by(span.group)=nil}",
        "{ .n < 3 } | avg(duration) > 1ns; {avg(duration)=1500000ns}",
        "{ .n < 3 } | avg(.n) > 1 | count() = 2; {avg(.n)=1.5, count()=2}",
        "{ .n < 3 } | max(.n) > min(.n); {max(.n)=2, min(.n)=1}",
        "{ .n < 3 } | sum(.n * 2) > 1; {sum(.n * 2)=6}",
        "{ .group = `y` } | by(.group) | count() = 2; {by(.group)=\"y\", count()=2}",
        "{ .group = `y` } | by(.group) | coalesce(); {}",
        "{ .group = `y` } | by(.group) | { .n = 2 }; {by(.group)=\"y\"}",
      })
  void notesWhatItFindsOutAboutSpansets(String query, String expected) {
    List<Spanset<FakeSpan>> spansets = evaluate(query);
    assertThat(spansets).hasSize(1);
    assertThat(
            spansets.get(0).attributes().entrySet().stream()
                .map(attribute -> attribute.getKey() + "=" + attribute.getValue().literal())
                .collect(Collectors.joining(", ", "{", "}")))
        .isEqualTo(expected);
  }

  private static List<Spanset<FakeSpan>> evaluate(String query) {
    return TraceQl.parseSearch(query).spansets().evaluate(Spanset.of(TRACE));
  }

  private static String names(Spanset<FakeSpan> spanset) {
    return spanset.spans().stream().map(FakeSpan::name).collect(Collectors.joining(" "));
  }
}
