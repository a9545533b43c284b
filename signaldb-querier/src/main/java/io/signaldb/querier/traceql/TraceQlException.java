package io.signaldb.querier.traceql;

/**
 * A text that is not TraceQL. The message is for the caller and holds the position and what was
 * expected there.
 */
public final class TraceQlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Position position;

  private TraceQlException(Position position, String message) {
    super(message);
    this.position = position;
  }

  /** A whole query that is not what it is asked to be. */
  static TraceQlException of(String problem) {
    return new TraceQlException(new Position(1, 1), "invalid TraceQL query: " + problem);
  }

  static TraceQlException parseError(Position position, String problem) {
    return new TraceQlException(
        position,
        "invalid TraceQL query: parse error at line %d, col %d: %s"
            .formatted(position.line(), position.column(), problem));
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
