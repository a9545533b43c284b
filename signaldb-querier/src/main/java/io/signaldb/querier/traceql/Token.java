package io.signaldb.querier.traceql;

import org.jspecify.annotations.Nullable;

/**
 * A word of a query.
 *
 * @param text as written; for a symbol or word also its identity
 * @param value of a literal
 * @param attribute of an attribute; its key is empty where the text has none
 * @param start index of the first UTF-16 unit in the query
 */
record Token(
    Type type,
    String text,
    @Nullable Value value,
    FieldExpression.@Nullable Attribute attribute,
    int start) {
  private static final int SHOWN = 40;

  enum Type {
    SYMBOL,
    LITERAL,
    WORD,
    ATTRIBUTE,
    END
  }

  boolean is(String symbol) {
    return type == Type.SYMBOL && text.equals(symbol);
  }

  boolean isWord(String word) {
    return type == Type.WORD && text.equals(word);
  }

  /** For messages. */
  @Override
  public String toString() {
    if (type == Type.END) {
      return "end of query";
    }
    return "'" + (text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text) + "'";
  }
}
