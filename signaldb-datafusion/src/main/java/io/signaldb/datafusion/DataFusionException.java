package io.signaldb.datafusion;

/**
 * Why the engine refused or failed. The message is DataFusion's own, without stack; for a bad query
 * it names the column or the position in the text.
 */
public final class DataFusionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, seen from the caller. */
  public enum Kind {
    /** The SQL text is not valid, names an unknown table or column, or mixes types. */
    PLAN,
    /** The query failed while it ran, for example by a cast of a value that does not fit. */
    EXECUTION,
    /**
     * The memory pool, the spill disk or another limit is exhausted; a smaller query may succeed.
     */
    RESOURCES,
    /** A file or object store could not be read or written. */
    IO,
    /** {@link DataFrame#cancel} or a close stopped the query. */
    CANCELLED,
    /** A defect of the engine. The process, the session and other queries are unharmed. */
    PANIC,
    /** An argument is not usable: a malformed batch, an unknown option, a bad URL. */
    ARGUMENT,
    /** DataFusion does not implement what was asked, or there is no library for this platform. */
    UNSUPPORTED,
    /** The object or its runtime has been closed. */
    CLOSED
  }

  private final Kind kind;

  public DataFusionException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Called by the native side; {@code text} is {@code KIND: message}. */
  DataFusionException(String text) {
    this(
        Kind.valueOf(text.substring(0, text.indexOf(": "))),
        text.substring(text.indexOf(": ") + 2));
  }

  DataFusionException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
