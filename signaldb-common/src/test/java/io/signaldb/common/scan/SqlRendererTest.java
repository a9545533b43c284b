package io.signaldb.common.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.scan.Condition.And;
import io.signaldb.common.scan.Condition.Compare;
import io.signaldb.common.scan.Condition.In;
import io.signaldb.common.scan.Condition.Matches;
import io.signaldb.common.scan.Condition.Not;
import io.signaldb.common.scan.Condition.Or;
import io.signaldb.common.scan.Condition.Present;
import io.signaldb.common.scan.Condition.Structured;
import io.signaldb.common.scan.Literal.Bool;
import io.signaldb.common.scan.Literal.Int;
import io.signaldb.common.scan.Literal.Real;
import io.signaldb.common.scan.Literal.Text;
import io.signaldb.common.scan.Operand.AttributeRef;
import io.signaldb.common.scan.Operand.ColumnRef;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlRendererTest {
  private static final TableSchema TRACES = Schemas.load().table("traces");
  private static final Operand NAME = new ColumnRef("span_name");
  private static final Operand CUSTOM = new AttributeRef(AttributeScope.SPAN, "my.key");
  private static final Operand STATUS =
      new AttributeRef(AttributeScope.SPAN, "http.response.status_code");

  private final SqlRenderer renderer = new SqlRenderer(TRACES);

  @Test
  void bindsValuesInTheOrderTheyStand() {
    Sql sql =
        renderer.render(
            new And(
                List.of(
                    new Compare(NAME, ComparisonOperator.EQUAL, new Text("a")),
                    new Or(
                        List.of(
                            new Compare(
                                new ColumnRef("duration_nanos"),
                                ComparisonOperator.GREATER,
                                new Int(5)),
                            new Not(
                                new Compare(
                                    new ColumnRef("is_root"),
                                    ComparisonOperator.NOT_EQUAL,
                                    new Bool(true))))))));

    assertThat(sql.text())
        .isEqualTo(
            "((\"span_name\" = $1) AND ((\"duration_nanos\" > $2)"
                + " OR ((\"is_root\" <> $3) IS NOT TRUE)))");
    assertThat(sql.params()).containsExactly("a", 5L, true);
  }

  @Test
  void looksForAnAttributeWhereValuesOfTheLiteralsTypeAre() {
    assertThat(text(new Compare(STATUS, ComparisonOperator.GREATER_OR_EQUAL, new Int(500))))
        .isEqualTo("(\"span_attr_http_response_status_code\" >= $1)");
    assertThat(text(new Compare(STATUS, ComparisonOperator.EQUAL, new Text("500"))))
        .isEqualTo("(\"span_attributes\"['http.response.status_code'] = $1)");
    assertThat(text(new Compare(CUSTOM, ComparisonOperator.LESS, new Real(1.5))))
        .isEqualTo("(\"span_attributes_double\"['my.key'] < $1)");
    assertThat(text(new Compare(CUSTOM, ComparisonOperator.EQUAL, new Bool(false))))
        .isEqualTo("(\"span_attributes_bool\"['my.key'] = $1)");
  }

  @Test
  void looksForStructuredValuesWhereNothingElseRulesThemOut() {
    assertThat(text(new Structured(new AttributeRef(AttributeScope.SPAN, "my.key"))))
        .isEqualTo(
            "(\"span_attributes_json\" IS NOT NULL"
                + " AND \"span_attributes_json\"['my.key'] IS NOT NULL)");
    assertThat(text(new Structured(new AttributeRef(AttributeScope.SPAN, "http.route"))))
        .isEqualTo(
            "(\"span_attr_http_route\" IS NULL AND \"span_attributes_json\" IS NOT NULL"
                + " AND \"span_attributes_json\"['http.route'] IS NOT NULL)");
  }

  @Test
  void findsAPresentAttributeInAnyType() {
    assertThat(text(new Present(STATUS)))
        .isEqualTo(
            "(\"span_attributes\"['http.response.status_code'] IS NOT NULL"
                + " OR \"span_attr_http_response_status_code\" IS NOT NULL"
                + " OR \"span_attributes_double\"['http.response.status_code'] IS NOT NULL"
                + " OR \"span_attributes_bool\"['http.response.status_code'] IS NOT NULL"
                + " OR \"span_attributes_json\"['http.response.status_code'] IS NOT NULL)");
    assertThat(text(new Present(new ColumnRef("parent_span_id"))))
        .isEqualTo("(\"parent_span_id\" IS NOT NULL)");
  }

  @Test
  void splitsListsByTheTypeOfTheirValues() {
    Sql sql = renderer.render(new In(CUSTOM, List.of(new Int(1), new Text("a"), new Int(2))));

    assertThat(sql.text())
        .isEqualTo(
            "(\"span_attributes\"['my.key'] IN ($1) OR \"span_attributes_int\"['my.key'] IN ($2,"
                + " $3))");
    assertThat(sql.params()).containsExactly("a", 1L, 2L);
    assertThat(text(new In(CUSTOM, List.of()))).isEqualTo("FALSE");
  }

  @Test
  void anchorsRegularExpressions() {
    Sql sql = renderer.render(new Matches(NAME, "a|(?P<n>b)", true));

    assertThat(sql.text()).isEqualTo("(\"span_name\" !~ $1)");
    assertThat(sql.params()).containsExactly("^(?:a|(?P<n>b))$");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a)|(b", "(", "[", "*", "a\\"})
  void refusesWhatIsNoRegularExpression(String regex) {
    assertThatThrownBy(() -> renderer.render(new Matches(NAME, regex, false)))
        .isInstanceOf(SignalDbException.class)
        .hasMessageContaining("Invalid regular expression '" + regex + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "it's",
        "a'] OR TRUE --",
        "x\"; DROP TABLE traces; --",
        "\\'",
        "ключ 🔑",
        "$1",
        ""
      })
  void keepsHostileKeysAndValuesOutOfTheSyntax(String hostile) {
    Sql sql =
        renderer.render(
            new Compare(
                new AttributeRef(AttributeScope.RESOURCE, hostile),
                ComparisonOperator.EQUAL,
                new Text(hostile)));

    assertThat(sql.text())
        .isEqualTo("(\"resource_attributes\"['" + hostile.replace("'", "''") + "'] = $1)");
    assertThat(sql.params()).containsExactly(hostile);
  }

  @Test
  void bindsValuesOfAnySize() {
    String large = "x".repeat(1 << 20);

    Sql sql = renderer.render(new Compare(NAME, ComparisonOperator.EQUAL, new Text(large)));

    assertThat(sql.text()).hasSizeLessThan(100);
    assertThat(sql.params()).containsExactly(large);
  }

  @Test
  void refusesColumnsTheTableDoesNotHave() {
    Operand column = new ColumnRef("x\" OR 1=1 --");

    assertThatThrownBy(() -> renderer.render(new Present(column)))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage("No column 'x\" OR 1=1 --' in table traces");
  }

  @Test
  void refusesLiteralsThatDoNotFitTheColumn() {
    assertThatThrownBy(
            () -> renderer.render(new Compare(NAME, ComparisonOperator.EQUAL, new Int(7))))
        .hasMessage("Column 'span_name' is a STRING and cannot be compared with '7'");
    assertThatThrownBy(
            () ->
                renderer.render(
                    new Compare(new ColumnRef("events"), ComparisonOperator.EQUAL, new Text("x"))))
        .hasMessageContaining("cannot be compared with 'x'");
  }

  @Test
  void refusesAttributesInsideLists() {
    Operand attribute = new AttributeRef(AttributeScope.EVENT, "k");

    assertThatThrownBy(() -> renderer.render(new Present(attribute)))
        .hasMessageContaining("Attribute 'k' of EVENT");
  }

  private String text(Condition condition) {
    return renderer.render(condition).text();
  }
}
