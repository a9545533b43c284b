package io.signaldb.common.scan;

import static io.signaldb.common.scan.TextPattern.Kind.CONTAINS;
import static io.signaldb.common.scan.TextPattern.Kind.ENDS;
import static io.signaldb.common.scan.TextPattern.Kind.IS;
import static io.signaldb.common.scan.TextPattern.Kind.STARTS;
import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.scan.TextPattern.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextPatternTest {
  static Stream<Arguments> oneLiteral() {
    return Stream.of(
        Arguments.of("cart", IS, "cart"),
        Arguments.of("(?s:)", IS, ""),
        Arguments.of("(?s:GET /a.*)", STARTS, "GET /a"),
        Arguments.of("(?s:.*/a)", ENDS, "/a"),
        Arguments.of("(?s:.*a\\.b.*)", CONTAINS, "a.b"),
        Arguments.of("(?s:.*)", ENDS, ""),
        Arguments.of("(?s:100%_é.*)", STARTS, "100%_é"));
  }

  @ParameterizedTest
  @MethodSource("oneLiteral")
  void findsTheLiteralAndItsPlace(String regex, Kind kind, String literal) {
    assertThat(TextPattern.alternatives(regex)).hasValue(List.of(new TextPattern(kind, literal)));
  }

  @Test
  void takesAlternativesApart() {
    assertThat(TextPattern.alternatives("(?s:cart|ad.*|)"))
        .hasValue(
            List.of(
                new TextPattern(IS, "cart"),
                new TextPattern(STARTS, "ad"),
                new TextPattern(IS, "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.b",
        "a.*",
        "(?s:a.*b)",
        "(?s:a+)",
        "(?s:[ab])",
        "(?s:(a|b))",
        "(?s:a\\|b\\d)",
        "(?s:a\\.*)",
        "(?s:a\\\\.*)",
        "(?s:^a$)",
        "(?s:a{2})",
        "(?s:(?i)a)",
        "(?s:a)|(?s:b)"
      })
  void leavesWhatAsksForMore(String regex) {
    assertThat(TextPattern.alternatives(regex)).isEmpty();
  }
}
