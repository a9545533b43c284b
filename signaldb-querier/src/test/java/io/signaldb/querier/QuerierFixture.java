package io.signaldb.querier;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.Capability;
import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SearchParams;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.TestServices;
import io.signaldb.common.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;

/** A running Querier with an Iceberg catalog and storage of its own, and a client. */
final class QuerierFixture {
  private static final TenantContext TENANT =
      new TenantContext("default", "default", "default", "default");

  private static final Comparator<Map<String, Object>> NEWEST_FIRST =
      Comparator.<Map<String, Object>, Long>comparing(
              row -> (Long) row.get("trace_start_unix_nano"))
          .reversed()
          .thenComparing(row -> (String) row.get("trace_id"));

  final ServiceContext context;
  final IcebergTables iceberg;
  private final Component querier;
  private final List<Component> owned = new ArrayList<>();

  QuerierFixture(Path directory, Map<String, String> settings) throws Exception {
    SignalDbConfig config = TestServices.config(directory, settings);
    context = TestServices.start(config);
    iceberg = new IcebergTables(config, context.storage());
    iceberg.start();
    querier = QuerierMain.assemble(config, context);
    querier.start();
  }

  /** A Writer that lives as long as the fixture. */
  FakeWriter writer() throws Exception {
    return own(new FakeWriter(context, iceberg));
  }

  /** Starts a component that lives as long as the fixture. */
  <C extends Component> C own(C component) throws Exception {
    owned.add(component);
    component.start();
    return component;
  }

  /** All rows of an answer, by column, and what it says about itself. */
  record Answer(List<Map<String, Object>> rows, String metadata) {
    List<Object> column(String name) {
      return rows.stream().map(row -> row.get(name)).toList();
    }
  }

  Answer ask(QueryTicket ticket) throws Exception {
    return ask(ticket.toBytes());
  }

  Answer ask(String ticket) throws Exception {
    return ask(ticket.getBytes(StandardCharsets.UTF_8));
  }

  Answer ask(byte[] ticket) throws Exception {
    List<Map<String, Object>> rows = new ArrayList<>();
    String metadata = "";
    FlightStream stream = open(ticket);
    try {
      while (stream.next()) {
        for (int row = 0; row < stream.getRoot().getRowCount(); row++) {
          Map<String, Object> values = new LinkedHashMap<>();
          for (FieldVector vector : stream.getRoot().getFieldVectors()) {
            Object value = vector.getObject(row);
            values.put(vector.getName(), value == null ? null : plain(value));
          }
          rows.add(values);
        }
        ArrowBuf bytes = stream.getLatestMetadata();
        if (bytes != null) {
          byte[] json = new byte[(int) bytes.readableBytes()];
          bytes.getBytes(bytes.readerIndex(), json);
          metadata = new String(json, StandardCharsets.UTF_8);
        }
      }
    } catch (FlightRuntimeException e) {
      throw FlightErrors.fromFlight(e);
    } finally {
      stream.close();
    }
    return new Answer(rows, metadata);
  }

  FlightStream open(byte[] ticket) {
    ServiceInstance service = context.registry().liveNow(Capability.QUERY_EXECUTION).get(0);
    return context
        .flightClients()
        .client(service.address())
        .getStream(new Ticket(ticket), context.flightClients().callOptions(TENANT));
  }

  private static Object plain(Object value) {
    return value instanceof org.apache.arrow.vector.util.Text ? value.toString() : value;
  }

  Answer find(String traceId) throws Exception {
    return ask(new QueryTicket.FindTrace("default", "default", traceId, null, null));
  }

  Answer search(String q) throws Exception {
    return search(new SearchParams(q, null, null, null, null, null, null, null));
  }

  /** A search, its traces in the order of the Tempo API instead of the one they are found in. */
  Answer search(SearchParams params) throws Exception {
    Answer found = ask(new QueryTicket.SearchTraces("default", "default", params));
    return new Answer(found.rows().stream().sorted(NEWEST_FIRST).toList(), found.metadata());
  }

  /** Span ids of a search, without their leading zeros. */
  List<String> spans(String q) throws Exception {
    return search(new SearchParams(q, null, null, null, 1000, null, null, 100))
        .column("span_id")
        .stream()
        .map(id -> id.toString().replaceFirst("^0+", ""))
        .toList();
  }

  void close() {
    owned.forEach(Component::close);
    querier.close();
    iceberg.close();
    context.close();
  }
}
