package io.signaldb.common.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.scan.Condition.And;
import io.signaldb.common.scan.Condition.Compare;
import io.signaldb.common.scan.Condition.In;
import io.signaldb.common.scan.Condition.Matches;
import io.signaldb.common.scan.Condition.Not;
import io.signaldb.common.scan.Condition.Or;
import io.signaldb.common.scan.Condition.Present;
import io.signaldb.common.scan.Condition.Structured;
import io.signaldb.common.scan.Literal.Int;
import io.signaldb.common.scan.Literal.Text;
import io.signaldb.common.scan.Operand.AttributeRef;
import io.signaldb.common.scan.Operand.ColumnRef;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.Schemas;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AbsentColumnsTest {
  private static final AttributeRef CUSTOM = new AttributeRef(AttributeScope.SPAN, "my.key");
  private static final AttributeRef SERVICE =
      new AttributeRef(AttributeScope.RESOURCE, "service.name");
  private static final Condition NAME = equal(new ColumnRef("span_name"), new Text("a"));
  private static final Condition TEXT = equal(CUSTOM, new Text("a"));
  private static final Condition NUMBER = equal(CUSTOM, new Int(1));

  private final AbsentColumns columns =
      new AbsentColumns(
          Schemas.load().table("traces"),
          Set.of("span_name", "span_attributes", "resource_attr_service_name"));

  static Stream<Arguments> conditions() {
    return Stream.of(
        Arguments.of(NAME, NAME),
        Arguments.of(TEXT, TEXT),
        Arguments.of(NUMBER, AbsentColumns.NONE),
        Arguments.of(new Structured(CUSTOM), AbsentColumns.NONE),
        Arguments.of(new Or(List.of(TEXT, new Structured(CUSTOM))), TEXT),
        Arguments.of(new And(List.of(NAME, NUMBER)), AbsentColumns.NONE),
        Arguments.of(new And(List.of(NAME, new Not(NUMBER))), NAME),
        Arguments.of(new Or(List.of(NAME, new Not(NUMBER))), AbsentColumns.ALL),
        Arguments.of(new Not(new Not(NUMBER)), AbsentColumns.NONE),
        Arguments.of(new Not(NAME), new Not(NAME)),
        Arguments.of(new Present(CUSTOM), new Present(CUSTOM)),
        Arguments.of(new Present(SERVICE), new Present(SERVICE)),
        Arguments.of(new Present(new ColumnRef("status_message")), AbsentColumns.NONE),
        Arguments.of(new Matches(SERVICE, "a.*", true), new Matches(SERVICE, "a.*", true)),
        Arguments.of(new In(CUSTOM, List.of()), AbsentColumns.NONE),
        Arguments.of(
            new In(CUSTOM, List.of(new Int(1), new Text("a"))),
            new In(CUSTOM, List.of(new Int(1), new Text("a")))));
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void leavesOutWhatNoRowCanFulfil(Condition condition, Condition simplified) {
    assertThat(columns.simplify(condition)).isEqualTo(simplified);
  }

  private static Condition equal(Operand field, Literal value) {
    return new Compare(field, ComparisonOperator.EQUAL, value);
  }
}
