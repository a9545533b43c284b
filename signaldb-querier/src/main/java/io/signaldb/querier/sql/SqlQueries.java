package io.signaldb.querier.sql;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SqlDescription;
import io.signaldb.datafusion.QueryDescription;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.SqlSession;
import io.signaldb.querier.read.SqlTables;
import io.signaldb.querier.read.TraceTable.Dataset;
import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Describes and runs statements of clients. Thread-safe. */
public final class SqlQueries {
  /** Clients refuse messages that are much larger. */
  private static final long MESSAGE_BYTES = 4 << 20;

  private final SqlTables tables;
  private final long maxRows;

  /**
   * @param maxRows most rows of an answer
   */
  public SqlQueries(SqlTables tables, long maxRows) {
    this.tables = tables;
    this.maxRows = maxRows;
  }

  /**
   * What a statement asks for and answers with.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the statement is not valid or no query
   */
  public SqlDescription describe(QueryScope scope, QueryTicket.Sql ticket) {
    try (SqlSession session = session(scope, ticket)) {
      List<@Nullable Object> values = ticket.statement().values();
      if (!values.isEmpty()) {
        return new SqlDescription(new Schema(List.of()), session.answer(values));
      }
      QueryDescription description = session.describe();
      return new SqlDescription(new Schema(description.placeholders()), description.answer());
    }
  }

  /**
   * Runs a statement.
   *
   * @param send takes each batch, all in one root
   * @param complete takes that root after the last one
   * @throws SignalDbException INVALID_ARGUMENT if the statement is not valid or no query; TOO_LARGE
   *     if the answer has too many rows; RESOURCE_EXHAUSTED if it needs too much memory
   */
  public void run(
      QueryScope scope,
      QueryTicket.Sql ticket,
      Consumer<VectorSchemaRoot> send,
      Consumer<VectorSchemaRoot> complete) {
    try (SqlSession session = session(scope, ticket);
        Messages messages = new Messages(scope, send)) {
      session.run(ticket.statement().values(), messages);
      complete.accept(messages.root());
    }
  }

  private SqlSession session(QueryScope scope, QueryTicket.Sql ticket) {
    Dataset home = new Dataset(ticket.tenantSlug(), ticket.datasetSlug());
    return tables.open(scope, home, ticket.datasetSlugs(), ticket.statement().text());
  }

  /** Cuts an answer into messages and counts its rows. */
  private final class Messages implements SqlSession.Answer, AutoCloseable {
    private final QueryScope scope;
    private final Consumer<VectorSchemaRoot> send;
    private @Nullable VectorSchemaRoot root;
    private long rows;

    Messages(QueryScope scope, Consumer<VectorSchemaRoot> send) {
      this.scope = scope;
      this.send = send;
    }

    @Override
    public void begins(Schema schema) {
      root = VectorSchemaRoot.create(schema, scope.allocator());
    }

    @Override
    public void batch(VectorSchemaRoot batch) {
      int count = batch.getRowCount();
      rows += count;
      if (rows > maxRows) {
        throw new SignalDbException(
            ErrorCode.TOO_LARGE,
            "The answer has more than %d rows (sql.max_rows): expected a statement with LIMIT,"
                    .formatted(maxRows)
                + " a narrower condition or an aggregation");
      }
      long bytes = batch.getFieldVectors().stream().mapToLong(FieldVector::getBufferSize).sum();
      int step = (int) Math.max(1, count / (bytes / MESSAGE_BYTES + 1));
      if (step >= count) {
        send(batch);
        return;
      }
      for (int start = 0; start < count; start += step) {
        try (VectorSchemaRoot slice = batch.slice(start, Math.min(step, count - start))) {
          send(slice);
        }
      }
    }

    private void send(VectorSchemaRoot rows) {
      VectorSchemaRoot message = root();
      try (ArrowRecordBatch content = new VectorUnloader(rows).getRecordBatch()) {
        new VectorLoader(message).load(content);
      }
      send.accept(message);
    }

    VectorSchemaRoot root() {
      if (root == null) {
        throw new IllegalStateException("The answer has not begun");
      }
      return root;
    }

    @Override
    public void close() {
      if (root != null) {
        root.close();
      }
    }
  }
}
