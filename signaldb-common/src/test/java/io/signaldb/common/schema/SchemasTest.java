package io.signaldb.common.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.AttributeLocation.InColumn;
import io.signaldb.common.schema.AttributeLocation.InMap;
import io.signaldb.common.schema.ColumnType.MapOf;
import io.signaldb.common.schema.ColumnType.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.iceberg.types.TypeUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemasTest {
  private final TableSchema traces = Schemas.load().table("traces");

  @Test
  void storesSpansInTheOrderOfTheFileWithPromotedAttributesLast() {
    List<String> names = traces.storage().stream().map(Column::name).toList();

    assertThat(names)
        .startsWith("trace_id", "span_id", "parent_span_id", "span_name", "service_name")
        .containsSubsequence("span_attributes", "span_attributes_int", "events", "links")
        .containsSubsequence("timestamp", "date_day", "hour", "resource_attr_service_name")
        .doesNotHaveDuplicates()
        .doesNotContain("name", "attributes", "duration_nano");
  }

  @Test
  void namesWireColumnsAsTheFirstVersionDoes() {
    List<String> names = traces.wire().stream().map(Column::name).toList();

    assertThat(names)
        .contains("name", "duration_nano", "attributes", "attributes_json", "resource_attributes")
        .doesNotContain("span_name", "span_attributes", "timestamp", "date_day", "hour");
    assertThat(traces.wireArrow().getFields()).extracting(Field::getName).isEqualTo(names);
  }

  @Test
  void requiresWhatEverySpanHas() {
    assertThat(traces.storage().stream().filter(Column::required).map(Column::name))
        .containsExactly(
            "trace_id",
            "span_id",
            "span_name",
            "service_name",
            "start_time_unix_nano",
            "end_time_unix_nano",
            "duration_nanos",
            "span_kind",
            "span_kind_number",
            "status_code",
            "status_code_number",
            "is_root",
            "timestamp",
            "date_day",
            "hour");
  }

  @Test
  void expandsAttributesIntoAMapPerType() {
    assertThat(traces.storageColumn("span_attributes").orElseThrow().type())
        .isEqualTo(new MapOf(Scalar.STRING));
    assertThat(traces.storageColumn("resource_attributes_int").orElseThrow().type())
        .isEqualTo(new MapOf(Scalar.INT64));
    assertThat(traces.storageColumn("scope_attributes_bool").orElseThrow().type())
        .isEqualTo(new MapOf(Scalar.BOOLEAN));
    ColumnType.ListOf events =
        (ColumnType.ListOf) traces.storageColumn("events").orElseThrow().type();
    assertThat(events.fields())
        .extracting(Column::name)
        .containsExactly(
            "time_unix_nano",
            "name",
            "dropped_attributes_count",
            "attributes",
            "attributes_int",
            "attributes_double",
            "attributes_bool",
            "attributes_json");
  }

  @Test
  void locatesAttributesByTheTypeOfTheirValue() {
    AttributeColumns attributes = traces.attributes();

    assertThat(attributes.locate(AttributeScope.RESOURCE, "service.name", AttributeType.STRING))
        .isEqualTo(new InColumn("resource_attr_service_name"));
    assertThat(
            attributes.locate(AttributeScope.SPAN, "http.response.status_code", AttributeType.INT))
        .isEqualTo(new InColumn("span_attr_http_response_status_code"));
    assertThat(
            attributes.locate(
                AttributeScope.SPAN, "http.response.status_code", AttributeType.STRING))
        .isEqualTo(new InMap("span_attributes", "http.response.status_code"));
    assertThat(attributes.locate(AttributeScope.SPAN, "service.name", AttributeType.STRING))
        .isEqualTo(new InMap("span_attributes", "service.name"));
    assertThat(attributes.locations(AttributeScope.SCOPE, "k"))
        .containsExactly(
            new InMap("scope_attributes", "k"),
            new InMap("scope_attributes_int", "k"),
            new InMap("scope_attributes_double", "k"),
            new InMap("scope_attributes_bool", "k"),
            new InMap("scope_attributes_json", "k"));
    assertThat(attributes.promotedBy("span_attr_http_route").orElseThrow().key())
        .isEqualTo("http.route");
    assertThat(attributes.promotedBy("span_name")).isEmpty();
    assertThat(attributes.mapColumn(AttributeScope.EVENT, AttributeType.INT))
        .isEqualTo("attributes_int");
  }

  @Test
  void givesEveryPromotedAttributeOneColumnOfItsType() {
    assertThat(traces.attributes().promoted()).hasSizeGreaterThan(300);
    for (PromotedAttribute promoted : traces.attributes().promoted()) {
      assertThat(promoted.column()).matches("(span|resource)_attr_[a-z0-9_]+");
      assertThat(traces.storageColumn(promoted.column()).orElseThrow().type())
          .isEqualTo(promoted.type().scalar());
    }
    assertThat(traces.attributes().promoted())
        .extracting(PromotedAttribute::column)
        .doesNotHaveDuplicates();
  }

  @Test
  void computesStorageColumnsInSql() {
    assertThat(traces.storageExpressions())
        .containsKeys(traces.storage().stream().map(Column::name).toArray(String[]::new))
        .containsEntry("trace_id", "\"trace_id\"")
        .containsEntry("span_name", "\"name\"")
        .containsEntry("span_attributes_int", "\"attributes_int\"")
        .containsEntry(
            "timestamp",
            "arrow_cast(\"start_time_unix_nano\" / 1000, 'Timestamp(Microsecond, None)')")
        .containsEntry(
            "hour", "arrow_cast(\"start_time_unix_nano\" / 3600000000000 % 24, 'Int32')");
  }

  @Test
  void partitionsByHourAndSortsByTrace() {
    assertThat(traces.partitionSpec(traces.icebergSchema()).toString())
        .contains("timestamp_hour: hour(");
    assertThat(traces.sortBy()).containsExactly("trace_id", "timestamp");
  }

  @Test
  void numbersEveryArrowFieldOfAnIcebergTable() {
    org.apache.iceberg.Schema table =
        TypeUtil.assignFreshIds(traces.icebergSchema(), new AtomicInteger(100)::incrementAndGet);

    List<String> found = new ArrayList<>();
    TableSchema.arrowWithFieldIds(table).getFields().forEach(field -> ids("", field, found));

    List<String> expected = new ArrayList<>();
    TypeUtil.indexNameById(table.asStruct()).forEach((id, name) -> expected.add(name + "=" + id));
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static void ids(String prefix, Field field, List<String> found) {
    String id = field.getMetadata().get("PARQUET:field_id");
    if (id == null) {
      assertThat(field.getName())
          .as("only the group inside a map has no id")
          .isEqualTo("key_value");
      field.getChildren().forEach(child -> ids(prefix, child, found));
    } else {
      found.add(prefix + field.getName() + "=" + id);
      field.getChildren().forEach(child -> ids(prefix + field.getName() + ".", child, found));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type = \"string\", source = \"x.a\", doc = \"d\"|expected a text 'name'",
        "name = \"a\", type = \"text\", source = \"x.a\", doc = \"d\"|t.v1.a: 'text': expected one of string, int32",
        "name = \"a\", type = \"string\", source = \"x.a\"|t.v1.a: expected a text 'doc'",
        "name = \"a\", type = \"string\", source = \"x.a\", codek = \"hex\", doc = \"d\"|t.v1.a: unknown key 'codek'",
        "name = \"a\", type = \"string\", source = \"x.a\", codec = \"HEX\", doc = \"d\"|t.v1.a: 'HEX': expected one of plain, nested, hex",
        "name = \"a\", type = \"list<b>\", source = \"x.a\", doc = \"d\"|t.v1.a: no section 'structs.b'",
        "name = \"a\", type = \"int32\", computed = \"hour_from_nanos\", from = \"b\", doc = \"d\"|t.a: no wire column 'b'",
        "group = \"g\"|t.v1: no section 'groups.g'",
        "name = 1|name",
      })
  void refusesAWrongLineNamingIt(String line, String message) {
    String toml =
        """
        [t]
        signal = "traces"
        wire = "v1"
        storage = "v1"
        [t.v1]
        description = "d"
        fields = [{ %s }]
        """
            .formatted(line);

    assertThatThrownBy(() -> Schemas.parse(toml))
        .isInstanceOf(SignalDbException.class)
        .hasMessageStartingWith("schemas.toml, ")
        .hasMessageContaining(message);
  }

  @Test
  void refusesKeysThatNeedTheSameColumn() {
    String toml =
        """
        [t]
        signal = "traces"
        wire = "v1"
        storage = "v1"
        [t.v1]
        description = "d"
        fields = [{ name = "a", type = "attributes", scope = "span", source = "span.a", doc = "d" }]
        [promoted.span]
        string = ["x.y"]
        int = ["x_y"]
        """;

    assertThatThrownBy(() -> Schemas.parse(toml))
        .hasMessageContaining("'x.y' and 'x_y' both need column span_attr_x_y");
  }

  @Test
  void refusesToPromoteAttributesInsideLists() {
    assertThatThrownBy(() -> Schemas.parse("[promoted.event]\nstring = [\"k\"]"))
        .hasMessageContaining("attributes of a event have no columns of their own");
  }
}
