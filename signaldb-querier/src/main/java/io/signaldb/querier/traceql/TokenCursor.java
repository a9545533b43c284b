package io.signaldb.querier.traceql;

import java.util.List;

/** A place in the tokens of a query, and how deep the expressions around it are nested. */
final class TokenCursor {
  /** More would overflow the stack of whoever walks the tree, and is nothing a person writes. */
  private static final int MAX_DEPTH = 100;

  private final String query;
  private final List<Token> tokens;
  private int index;
  private int depth;

  TokenCursor(String query) {
    this.query = query;
    this.tokens = new Lexer(query).tokens();
  }

  Token peek() {
    return tokens.get(index);
  }

  /** The token after {@link #peek}. */
  Token peekSecond() {
    return tokens.get(Math.min(index + 1, tokens.size() - 1));
  }

  Token take() {
    Token token = tokens.get(index);
    if (token.type() != Token.Type.END) {
      index++;
    }
    return token;
  }

  boolean accept(String symbol) {
    if (!peek().is(symbol)) {
      return false;
    }
    index++;
    return true;
  }

  void expect(String symbol, String expectation) {
    if (!accept(symbol)) {
      throw expected(expectation, peek());
    }
  }

  void expectEnd(String expectation) {
    if (peek().type() != Token.Type.END) {
      throw expected(expectation, peek());
    }
  }

  /** Enters an expression inside another one; {@link #leave} is its counterpart. */
  void enter(Token at) {
    if (++depth > MAX_DEPTH) {
      throw error(at, "the query is nested more than " + MAX_DEPTH + " levels deep");
    }
  }

  void leave(int levels) {
    depth -= levels;
  }

  TraceQlException expected(String expectation, Token found) {
    return error(found, "unexpected %s, expected %s".formatted(found, expectation));
  }

  TraceQlException error(Token at, String problem) {
    return TraceQlException.parseError(Lexer.position(query, at.start()), problem);
  }
}
