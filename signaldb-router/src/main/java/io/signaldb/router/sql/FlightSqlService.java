package io.signaldb.router.sql;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.signaldb.common.auth.Caller;
import io.signaldb.common.config.SqlConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.ClientFlow;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SqlDescription;
import io.signaldb.common.flight.SqlStatement;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.router.query.Answer;
import io.signaldb.router.query.QuerierClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.apache.arrow.flight.CancelFlightInfoRequest;
import org.apache.arrow.flight.CancelStatus;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.SchemaResult;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.BasicFlightSqlProducer;
import org.apache.arrow.flight.sql.CancelResult;
import org.apache.arrow.flight.sql.SqlInfoBuilder;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionClosePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetCrossReference;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetExportedKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetImportedKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetPrimaryKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetSqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetXdbcTypeInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.DoPutPreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlNullOrdering;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedCaseSensitivity;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedTransaction;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Flight SQL for reading. Catalog, schema and table are tenant, dataset and table; a caller sees
 * its own tenant. Statements run in a Querier and their answers are passed on batch by batch. Keeps
 * nothing of a client: handles hold their statement. Thread-safe.
 */
public final class FlightSqlService extends BasicFlightSqlProducer {
  private static final String PREFIX = "type.googleapis.com/arrow.flight.protocol.sql.";

  private final QuerierClient querier;
  private final SqlConfig config;
  private final BufferAllocator allocator;
  private final SqlMetadata metadata;
  private final SqlInfoBuilder info;
  private final RunningStatements running = new RunningStatements();

  /**
   * @param allocator borrowed
   */
  public FlightSqlService(
      QuerierClient querier,
      SqlConfig config,
      List<TableSchema> tables,
      BufferAllocator allocator) {
    this.querier = querier;
    this.config = config;
    this.allocator = allocator;
    this.metadata = new SqlMetadata(tables);
    this.info =
        new SqlInfoBuilder()
            .withFlightSqlServerName("SignalDB")
            .withFlightSqlServerVersion(versionOf(FlightSqlService.class))
            .withFlightSqlServerArrowVersion(versionOf(Schema.class))
            .withFlightSqlServerReadOnly(true)
            .withFlightSqlServerSql(true)
            .withFlightSqlServerSubstrait(false)
            .withFlightSqlServerCancel(true)
            .withFlightSqlServerBulkIngestion(false)
            .withFlightSqlServerTransaction(SqlSupportedTransaction.SQL_SUPPORTED_TRANSACTION_NONE)
            .withFlightSqlServerStatementTimeout((int) config.timeout().toMillis())
            .withSqlIdentifierQuoteChar("\"")
            .withSqlSearchStringEscape("\\")
            .withSqlCatalogTerm("tenant")
            .withSqlSchemaTerm("dataset")
            .withSqlCatalogAtStart(true)
            .withSqlDdlCatalog(false)
            .withSqlDdlSchema(false)
            .withSqlDdlTable(false)
            .withSqlAllTablesAreSelectable(true)
            .withSqlTransactionsSupported(false)
            .withSqlBatchUpdatesSupported(false)
            .withSqlCorrelatedSubqueriesSupported(true)
            .withSqlSupportsColumnAliasing(true)
            .withSqlSupportsExpressionsInOrderBy(true)
            .withSqlIdentifierCase(SqlSupportedCaseSensitivity.SQL_CASE_SENSITIVITY_LOWERCASE)
            .withSqlQuotedIdentifierCase(
                SqlSupportedCaseSensitivity.SQL_CASE_SENSITIVITY_CASE_INSENSITIVE)
            .withSqlNullOrdering(SqlNullOrdering.SQL_NULLS_SORTED_HIGH);
  }

  private static String versionOf(Class<?> type) {
    String version = type.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Whether a command or ticket is one of Flight SQL. */
  public static boolean takes(byte[] command) {
    try {
      return Any.parseFrom(command).getTypeUrl().startsWith(PREFIX);
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  // Statements

  @Override
  public FlightInfo getFlightInfoStatement(
      CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
    refuseTransaction(command.hasTransactionId());
    SqlStatement statement = statement(command.getQuery());
    SqlDescription description = describe(context, statement);
    return info(StatementHandle.of(statement, placeholders(description)), description, descriptor);
  }

  @Override
  public SchemaResult getSchemaStatement(
      CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
    return new SchemaResult(describe(context, statement(command.getQuery())).answer());
  }

  @Override
  public void getStreamStatement(
      TicketStatementQuery ticket, CallContext context, ServerStreamListener listener) {
    stream(StatementHandle.parse(bytes(ticket.getStatementHandle())), context, listener);
  }

  private static FlightInfo info(
      StatementHandle handle, SqlDescription description, FlightDescriptor descriptor) {
    TicketStatementQuery ticket =
        TicketStatementQuery.newBuilder()
            .setStatementHandle(ByteString.copyFrom(handle.executable().toBytes()))
            .build();
    return new FlightInfo(description.answer(), descriptor, List.of(endpoint(ticket)), -1, -1);
  }

  private static org.apache.arrow.flight.FlightEndpoint endpoint(Message ticket) {
    return new org.apache.arrow.flight.FlightEndpoint(new Ticket(Any.pack(ticket).toByteArray()));
  }

  private void stream(StatementHandle handle, CallContext context, ServerStreamListener listener) {
    Caller caller = FlightEndpoint.caller(context);
    ClientFlow flow = new ClientFlow(listener, config.timeout(), () -> {});
    QueryTicket.Sql ticket = ticket(caller, handle.statement());
    running.run(
        handle.id(),
        caller.tenant().tenantSlug(),
        () -> {
          try (Answer answer = querier.ask(caller.tenant(), ticket, config.timeout())) {
            answer.passTo(listener, flow);
          }
        });
  }

  private SqlStatement statement(String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > config.maxTextBytes()) {
      throw new SignalDbException(
          ErrorCode.TOO_LARGE,
          "The statement has %d bytes: expected at most %d (sql.max_text_bytes)"
              .formatted(bytes, config.maxTextBytes()));
    }
    if (text.isBlank()) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT, "The statement is empty: expected a query");
    }
    return new SqlStatement(text, List.of());
  }

  private SqlDescription describe(CallContext context, SqlStatement statement) {
    Caller caller = FlightEndpoint.caller(context);
    QueryTicket ticket = new QueryTicket.DescribeSql(ticket(caller, statement));
    try (Answer answer = querier.ask(caller.tenant(), ticket)) {
      if (!answer.next()) {
        throw new SignalDbException(ErrorCode.INTERNAL, "The Querier described no statement");
      }
      return SqlDescription.of(answer.batch());
    }
  }

  private static QueryTicket.Sql ticket(Caller caller, SqlStatement statement) {
    return new QueryTicket.Sql(
        caller.tenant().tenantSlug(),
        caller.tenant().datasetSlug(),
        caller.datasetSlugs(),
        statement);
  }

  private static int placeholders(SqlDescription description) {
    return description.placeholders().getFields().size();
  }

  // Prepared statements

  @Override
  public void createPreparedStatement(
      ActionCreatePreparedStatementRequest request,
      CallContext context,
      StreamListener<Result> listener) {
    refuseTransaction(request.hasTransactionId());
    SqlStatement statement = statement(request.getQuery());
    SqlDescription description = describe(context, statement);
    StatementHandle handle = StatementHandle.of(statement, placeholders(description));
    ActionCreatePreparedStatementResult result =
        ActionCreatePreparedStatementResult.newBuilder()
            .setPreparedStatementHandle(ByteString.copyFrom(handle.toBytes()))
            .setDatasetSchema(ByteString.copyFrom(description.answer().serializeAsMessage()))
            .setParameterSchema(
                ByteString.copyFrom(typed(description.placeholders()).serializeAsMessage()))
            .build();
    listener.onNext(new Result(Any.pack(result).toByteArray()));
    listener.onCompleted();
  }

  /** Drivers make values of the types they are told: any value can be had as text. */
  private static Schema typed(Schema placeholders) {
    return new Schema(
        placeholders.getFields().stream()
            .map(
                field ->
                    field.getType() instanceof ArrowType.Null
                        ? Field.nullable(field.getName(), ArrowType.Utf8.INSTANCE)
                        : field)
            .toList());
  }

  @Override
  public void closePreparedStatement(
      ActionClosePreparedStatementRequest request,
      CallContext context,
      StreamListener<Result> listener) {
    listener.onCompleted(); // there is nothing to forget
  }

  @Override
  public Runnable acceptPutPreparedStatementQuery(
      CommandPreparedStatementQuery command,
      CallContext context,
      FlightStream stream,
      StreamListener<PutResult> acknowledgements) {
    return () -> {
      StatementHandle bound = prepared(command).bound(Values.read(stream));
      byte[] result =
          DoPutPreparedStatementResult.newBuilder()
              .setPreparedStatementHandle(ByteString.copyFrom(bound.toBytes()))
              .build()
              .toByteArray();
      try (ArrowBuf buffer = allocator.buffer(result.length)) {
        buffer.writeBytes(result);
        acknowledgements.onNext(PutResult.metadata(buffer));
      }
      acknowledgements.onCompleted();
    };
  }

  @Override
  public FlightInfo getFlightInfoPreparedStatement(
      CommandPreparedStatementQuery command, CallContext context, FlightDescriptor descriptor) {
    StatementHandle handle = prepared(command).executable();
    return info(handle, describe(context, handle.statement()), descriptor);
  }

  @Override
  public SchemaResult getSchemaPreparedStatement(
      CommandPreparedStatementQuery command, CallContext context, FlightDescriptor descriptor) {
    return new SchemaResult(describe(context, prepared(command).statement()).answer());
  }

  @Override
  public void getStreamPreparedStatement(
      CommandPreparedStatementQuery command, CallContext context, ServerStreamListener listener) {
    stream(prepared(command).executable(), context, listener);
  }

  private static StatementHandle prepared(CommandPreparedStatementQuery command) {
    return StatementHandle.parse(bytes(command.getPreparedStatementHandle()));
  }

  // Cancelling

  @Override
  public void cancelFlightInfo(
      CancelFlightInfoRequest request, CallContext context, StreamListener<CancelStatus> listener) {
    listener.onNext(
        cancel(request.getInfo(), context)
            ? CancelStatus.CANCELLING
            : CancelStatus.NOT_CANCELLABLE);
    listener.onCompleted();
  }

  /** For clients older than {@link #cancelFlightInfo}. */
  @Override
  @SuppressWarnings("deprecation")
  public void cancelQuery(
      FlightInfo info, CallContext context, StreamListener<CancelResult> listener) {
    listener.onNext(cancel(info, context) ? CancelResult.CANCELLING : CancelResult.NOT_CANCELLABLE);
    listener.onCompleted();
  }

  private boolean cancel(FlightInfo info, CallContext context) {
    String tenant = FlightEndpoint.caller(context).tenant().tenantSlug();
    boolean cancelled = false;
    for (org.apache.arrow.flight.FlightEndpoint endpoint : info.getEndpoints()) {
      try {
        TicketStatementQuery ticket =
            Any.parseFrom(endpoint.getTicket().getBytes()).unpack(TicketStatementQuery.class);
        StatementHandle handle = StatementHandle.parse(bytes(ticket.getStatementHandle()));
        cancelled |= running.cancel(handle.id(), tenant);
      } catch (InvalidProtocolBufferException e) {
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT, "Not the FlightInfo of a statement", e);
      }
    }
    return cancelled;
  }

  // What there is to read

  @Override
  public void getStreamCatalogs(CallContext context, ServerStreamListener listener) {
    answer(listener, memory -> metadata.catalogs(FlightEndpoint.caller(context), memory));
  }

  @Override
  public void getStreamSchemas(
      CommandGetDbSchemas command, CallContext context, ServerStreamListener listener) {
    answer(listener, memory -> metadata.schemas(FlightEndpoint.caller(context), command, memory));
  }

  @Override
  public void getStreamTables(
      CommandGetTables command, CallContext context, ServerStreamListener listener) {
    answer(listener, memory -> metadata.tables(FlightEndpoint.caller(context), command, memory));
  }

  @Override
  public void getStreamTableTypes(CallContext context, ServerStreamListener listener) {
    answer(listener, metadata::tableTypes);
  }

  @Override
  public void getStreamTypeInfo(
      CommandGetXdbcTypeInfo command, CallContext context, ServerStreamListener listener) {
    answer(listener, memory -> SqlTypes.rows(command, memory));
  }

  @Override
  public void getStreamSqlInfo(
      CommandGetSqlInfo command, CallContext context, ServerStreamListener listener) {
    info.send(command.getInfoList(), listener);
  }

  /** Tables have no keys. */
  @Override
  public void getStreamPrimaryKeys(
      CommandGetPrimaryKeys command, CallContext context, ServerStreamListener listener) {
    nothing(listener, Schemas.GET_PRIMARY_KEYS_SCHEMA);
  }

  @Override
  public void getStreamExportedKeys(
      CommandGetExportedKeys command, CallContext context, ServerStreamListener listener) {
    nothing(listener, Schemas.GET_EXPORTED_KEYS_SCHEMA);
  }

  @Override
  public void getStreamImportedKeys(
      CommandGetImportedKeys command, CallContext context, ServerStreamListener listener) {
    nothing(listener, Schemas.GET_IMPORTED_KEYS_SCHEMA);
  }

  @Override
  public void getStreamCrossReference(
      CommandGetCrossReference command, CallContext context, ServerStreamListener listener) {
    nothing(listener, Schemas.GET_CROSS_REFERENCE_SCHEMA);
  }

  private void nothing(ServerStreamListener listener, Schema schema) {
    answer(listener, memory -> VectorSchemaRoot.create(schema, memory));
  }

  private void answer(
      ServerStreamListener listener, Function<BufferAllocator, VectorSchemaRoot> rows) {
    try (VectorSchemaRoot root = rows.apply(allocator)) {
      listener.start(root);
      listener.putNext();
      listener.completed();
    }
  }

  @Override
  protected <T extends Message> List<org.apache.arrow.flight.FlightEndpoint> determineEndpoints(
      T command, FlightDescriptor descriptor, Schema schema) {
    return List.of(endpoint(command));
  }

  // What is refused

  @Override
  public Runnable acceptPutStatement(
      CommandStatementUpdate command,
      CallContext context,
      FlightStream stream,
      StreamListener<PutResult> acknowledgements) {
    throw readOnly();
  }

  @Override
  public Runnable acceptPutPreparedStatementUpdate(
      CommandPreparedStatementUpdate command,
      CallContext context,
      FlightStream stream,
      StreamListener<PutResult> acknowledgements) {
    throw readOnly();
  }

  private static RuntimeException readOnly() {
    return FlightErrors.toFlight(
        new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "SQL is for reading: expected a query, received an update; rows are written by OTLP"));
  }

  private static void refuseTransaction(boolean given) {
    if (given) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "There are no transactions: expected a statement without a transaction id");
    }
  }

  private static byte[] bytes(ByteString bytes) {
    return bytes.toByteArray();
  }

  @Override
  public void close() {}
}
