package io.signaldb.acceptor.otlp;

import io.signaldb.common.schema.TableSchema;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Builds batches of one table's wire schema from rows of OTLP messages. Components of the row named
 * {@code resource} and {@code scope} are written once per distinct value, in a dictionary of
 * structs; the others row by row. Not thread-safe; reused from batch to batch.
 *
 * @param <R> a record whose components are the messages that {@code source} paths begin with
 */
final class BatchBuilder<R extends Record> {
  /** Some 300 MB of memory, or a million spans with 60 columns. */
  static final long MAX_CELLS = 1L << 26;

  private static final Set<String> SHARED = Set.of("resource", "scope");

  private final TableSchema table;
  private final StructSink columns = new StructSink();
  private final List<RowPart> parts = new ArrayList<>();
  private final BatchBody body = new BatchBody();
  private final SchemaMessage schema = new SchemaMessage();
  private final long maxCells;
  private long cells;
  private int rows;
  private int lastSize = 1 << 16;

  /**
   * Binds the table's wire fields.
   *
   * @param limits rows with other attributes are not added by {@link #addRead}
   * @param maxCells how many values a batch may have, nulls included: a column that one row needs
   *     takes room for all rows, so that a small request could become a huge batch
   * @throws IllegalArgumentException naming the column, if a source does not exist or has another
   *     type
   */
  BatchBuilder(TableSchema table, Class<R> row, AttributeLimits limits, long maxCells) {
    this.table = table;
    this.maxCells = maxCells;
    MessageColumns.Attributes attributes =
        new MessageColumns.Attributes(table.attributes(), limits);
    List<String> roots = MessageColumns.roots(table.wireFields());
    List<String> components =
        Arrays.stream(row.getRecordComponents()).map(RecordComponent::getName).toList();
    for (String root : roots) {
      if (!components.contains(root)) {
        throw new IllegalArgumentException(
            "Table %s: no message '%s' in a row, expected one of %s"
                .formatted(table.name(), root, components));
      }
    }
    for (RecordComponent component : row.getRecordComponents()) {
      parts.add(
          SHARED.contains(component.getName())
              ? new RowPart.Shared(table, component, attributes)
              : new RowPart.Own(table, component, attributes, columns));
    }
  }

  /** The part for the component of that name, whose messages are shared by rows. */
  RowPart.Shared shared(String component) {
    return part(component, RowPart.Shared.class);
  }

  /** The part for the component of that name, of which each row has its own message. */
  RowPart.Own own(String component) {
    return part(component, RowPart.Own.class);
  }

  private <P extends RowPart> P part(String component, Class<P> type) {
    return parts.stream()
        .filter(part -> part.component().equals(component))
        .map(type::cast)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("a row has no " + component));
  }

  TableSchema table() {
    return table;
  }

  int rows() {
    return rows;
  }

  /** Adds a row, or returns false where the batch would become too large. */
  boolean add(R row) {
    long added = 0;
    for (RowPart part : parts) {
      added += part.cost(rows, row);
    }
    if (!take(added)) {
      return false;
    }
    for (RowPart part : parts) {
      part.add(rows, row);
    }
    rows++;
    return true;
  }

  /**
   * Adds a row of the messages its parts have read last.
   *
   * @throws NotPlain if it cannot be added like this, or not at all; the batch has to be cleared
   */
  void addRead() {
    long added = 0;
    for (RowPart part : parts) {
      added += part.costOfRead(rows);
    }
    if (!take(added)) {
      throw new NotPlain();
    }
    for (RowPart part : parts) {
      part.addRead(rows);
    }
    rows++;
  }

  /** Counts so many more values, or returns false where they would be too many. */
  private boolean take(long added) {
    if (cells + added > maxCells) {
      // What was counted row by row is an upper bound; most columns were there before.
      cells = columns.cells();
      for (RowPart part : parts) {
        cells += part.cells();
      }
      if (cells + added > maxCells) {
        return false;
      }
    }
    cells += added;
    return true;
  }

  /** The rows as one IPC stream; only columns in which a row has a value are present. */
  ByteBuffer build() {
    int dictionaries = 0;
    List<StructSink.Child> present = columns.childrenWithValues();
    List<TextSink> dictionaryColumns = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    for (StructSink.Child child : present) {
      if (child.sink() instanceof TextSink text && text.seal(dictionaries)) {
        dictionaryColumns.add(text);
        dictionaries++;
      }
      fields.add(child.field());
    }
    List<RowPart.Shared> shared = new ArrayList<>();
    for (RowPart part : parts) {
      if (part instanceof RowPart.Shared sharedPart && sharedPart.hasValues()) {
        shared.add(sharedPart);
        fields.add(sharedPart.field(dictionaries++));
      }
    }

    IpcStream stream = new IpcStream(lastSize);
    stream.schema(schema.of(fields));
    int id = 0;
    for (TextSink text : dictionaryColumns) {
      body.clear();
      text.writeDictionary(body);
      stream.dictionary(id++, text.distinct(), body);
    }
    for (RowPart.Shared part : shared) {
      body.clear();
      part.writeDictionary(body);
      stream.dictionary(id++, part.count(), body);
    }
    body.clear();
    present.forEach(child -> child.sink().write(body, rows));
    shared.forEach(part -> part.write(body, rows));
    stream.batch(rows, body);
    ByteBuffer ipc = stream.end();
    lastSize = Math.min(BatchBody.KEPT, ipc.remaining());
    return ipc;
  }

  /** Forgets all rows. */
  void clear() {
    columns.clear();
    parts.forEach(RowPart::clear);
    body.trim();
    rows = 0;
    cells = 0;
  }
}
