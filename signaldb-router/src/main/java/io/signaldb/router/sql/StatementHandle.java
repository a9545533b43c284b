package io.signaldb.router.sql;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.SqlStatement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A statement as the client keeps it: any Router can run or bind it, none remembers it. It grants
 * nothing: whoever shows one is authenticated as for a statement of their own.
 *
 * @param id under which a running statement is cancelled
 * @param placeholders how many values it takes
 */
record StatementHandle(UUID id, int placeholders, SqlStatement statement) {
  private static final String SEPARATOR = ":";

  static StatementHandle of(SqlStatement statement, int placeholders) {
    return new StatementHandle(UUID.randomUUID(), placeholders, statement);
  }

  /** This statement with values for its placeholders. */
  StatementHandle bound(List<@Nullable Object> values) {
    if (values.size() != placeholders) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The statement has %d placeholders but %d values were bound; expected a value for each"
              .formatted(placeholders, values.size()));
    }
    return new StatementHandle(id, placeholders, new SqlStatement(statement.text(), values));
  }

  /**
   * This statement under an id of its own, to be run.
   *
   * @throws SignalDbException INVALID_ARGUMENT if its values are missing
   */
  StatementHandle executable() {
    bound(statement.values());
    return of(statement, placeholders);
  }

  byte[] toBytes() {
    String prefix = id + SEPARATOR + placeholders + SEPARATOR;
    byte[] start = prefix.getBytes(StandardCharsets.UTF_8);
    byte[] json = statement.toBytes();
    return ByteBuffer.allocate(start.length + json.length).put(start).put(json).array();
  }

  /**
   * @throws SignalDbException INVALID_ARGUMENT if the bytes are no handle
   */
  static StatementHandle parse(byte[] bytes) {
    String[] parts = new String(bytes, StandardCharsets.UTF_8).split(SEPARATOR, 3);
    try {
      if (parts.length == 3) {
        SqlStatement statement = SqlStatement.parse(parts[2].getBytes(StandardCharsets.UTF_8));
        return new StatementHandle(
            UUID.fromString(parts[0]), Integer.parseInt(parts[1]), statement);
      }
    } catch (IllegalArgumentException e) {
      throw unknown(e);
    }
    throw unknown(null);
  }

  private static SignalDbException unknown(@Nullable Exception cause) {
    return new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "Unknown statement handle: expected one that this server has handed out",
        cause);
  }
}
