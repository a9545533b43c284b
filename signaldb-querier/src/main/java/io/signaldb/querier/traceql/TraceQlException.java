package io.signaldb.querier.traceql;

/**
 * A query that is not TraceQL, or is TraceQL that SignalDB does not evaluate. The message is for
 * the caller and holds the position and what was expected there.
 */
public final class TraceQlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Position position;

  private TraceQlException(Position position, String message) {
    super(message);
    this.position = position;
  }

  static TraceQlException parseError(Position position, String problem) {
    return new TraceQlException(
        position,
        "invalid TraceQL query: parse error at line %d, col %d: %s"
            .formatted(position.line(), position.column(), problem));
  }

  /**
   * @param feature names it, for example {@code structural operator '>>'}
   */
  static TraceQlException unsupported(Position position, String feature) {
    return new TraceQlException(
        position,
        "invalid TraceQL query: %s at line %d, col %d is not supported yet"
            .formatted(feature, position.line(), position.column()));
  }

  /** Where the problem begins. */
  public Position position() {
    return position;
  }

  /**
   * A place in the query text.
   *
   * @param line 1 for the first line
   * @param column 1 for the first character of the line; counts code points
   */
  public record Position(int line, int column) implements java.io.Serializable {}
}
