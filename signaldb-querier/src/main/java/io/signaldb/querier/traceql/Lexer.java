package io.signaldb.querier.traceql;

import io.signaldb.querier.traceql.TraceQlException.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts the text of a query into tokens. */
final class Lexer {
  /** Longest first, so that the first that fits is the right one. */
  private static final List<String> SYMBOLS =
      List.of(
          "!>>", "!<<", "&>>", "&<<", "&&", "||", "!=", "=~", "!~", ">=", "<=", ">>", "<<", "!>",
          "!<", "&~", "&>", "&<", "{", "}", "(", ")", ",", "=", ">", "<", "!", "~", "|", "+", "-",
          "*", "/", "%", "^");

  private static final Map<String, Scope> SCOPES =
      Map.of(
          "span", Scope.SPAN,
          "resource", Scope.RESOURCE,
          "instrumentation", Scope.INSTRUMENTATION,
          "event", Scope.EVENT,
          "link", Scope.LINK,
          "parent", Scope.PARENT);
  private static final Map<String, Scope> SCOPES_OF_PARENT =
      Map.of("span.", Scope.PARENT_SPAN, "resource.", Scope.PARENT_RESOURCE);
  private static final Set<String> INTRINSIC_SCOPES =
      Set.of("span", "trace", "event", "link", "instrumentation");

  private static final String MIN_INT_DIGITS = "9223372036854775808";
  private static final Pattern NUMBER =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");

  private final String query;
  private int index;

  Lexer(String query) {
    this.query = query;
  }

  /** All tokens; the last is the end. */
  List<Token> tokens() {
    List<Token> tokens = new ArrayList<>();
    do {
      tokens.add(next());
    } while (tokens.get(tokens.size() - 1).type() != Token.Type.END);
    return tokens;
  }

  /** Line and column of the UTF-16 unit {@code offset} of {@code query}. */
  static Position position(String query, int offset) {
    int lineStart = query.lastIndexOf('\n', offset - 1) + 1;
    int line = 1 + (int) query.substring(0, lineStart).chars().filter(c -> c == '\n').count();
    return new Position(line, query.codePointCount(lineStart, offset) + 1);
  }

  private Token next() {
    skipBlanksAndComments();
    if (index == query.length()) {
      return new Token(Token.Type.END, "", null, null, index);
    }
    char c = query.charAt(index);
    if (c == '"' || c == '`') {
      return string(c);
    }
    if (isDigit(c)
        || (c == '.' && index + 1 < query.length() && isDigit(query.charAt(index + 1)))) {
      return number();
    }
    if (c == '.') {
      return attribute(Scope.ANY, index, index + 1);
    }
    Matcher word = WORD.matcher(query).region(index, query.length());
    if (word.lookingAt()) {
      return word(word.group());
    }
    for (String symbol : SYMBOLS) {
      if (query.startsWith(symbol, index)) {
        Token token = new Token(Token.Type.SYMBOL, symbol, null, null, index);
        index += symbol.length();
        return token;
      }
    }
    throw error(
        index, "unexpected character '" + Character.toString(query.codePointAt(index)) + "'");
  }

  private void skipBlanksAndComments() {
    while (index < query.length()) {
      if (isBlank(query.charAt(index))) {
        index++;
      } else if (query.startsWith("//", index)) {
        int end = query.indexOf('\n', index);
        index = end < 0 ? query.length() : end;
      } else if (query.startsWith("/*", index)) {
        int end = query.indexOf("*/", index + 2);
        if (end < 0) {
          throw error(index, "comment is not closed, expected '*/'");
        }
        index = end + 2;
      } else {
        return;
      }
    }
  }

  private static boolean isBlank(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  private Token word(String word) {
    int start = index;
    int end = start + word.length();
    char after = end < query.length() ? query.charAt(end) : ' ';
    Scope scope = after == '.' ? SCOPES.get(word) : null;
    if (scope == Scope.PARENT) {
      return attributeOfParent(start, end + 1);
    }
    if (scope != null) {
      return attribute(scope, start, end + 1);
    }
    if (after == ':' && INTRINSIC_SCOPES.contains(word)) {
      Matcher field = WORD.matcher(query).region(end + 1, query.length());
      end = field.lookingAt() ? field.end() : end + 1;
    }
    index = end;
    return new Token(Token.Type.WORD, query.substring(start, end), null, null, start);
  }

  private Token attributeOfParent(int start, int keyStart) {
    for (Map.Entry<String, Scope> scope : SCOPES_OF_PARENT.entrySet()) {
      if (query.startsWith(scope.getKey(), keyStart)) {
        return attribute(scope.getValue(), start, keyStart + scope.getKey().length());
      }
    }
    return attribute(Scope.PARENT, start, keyStart);
  }

  private Token attribute(Scope scope, int start, int keyStart) {
    StringBuilder key = new StringBuilder();
    index = keyStart;
    while (index < query.length() && isKeyPart(query.codePointAt(index))) {
      if (query.charAt(index) == '"') {
        key.append(quotedKeyPart());
      } else {
        int codePoint = query.codePointAt(index);
        key.appendCodePoint(codePoint);
        index += Character.charCount(codePoint);
      }
    }
    FieldExpression.Attribute attribute = new FieldExpression.Attribute(scope, key.toString());
    return new Token(Token.Type.ATTRIBUTE, query.substring(start, index), null, attribute, start);
  }

  private String quotedKeyPart() {
    int start = index++;
    StringBuilder part = new StringBuilder();
    while (index < query.length()) {
      char c = query.charAt(index++);
      if (c == '"') {
        return part.toString();
      }
      if (c == '\\') {
        if (index == query.length() || "\\\"".indexOf(query.charAt(index)) < 0) {
          throw error(index - 1, "invalid escape in attribute name, expected \\\\ or \\\"");
        }
        c = query.charAt(index++);
      }
      part.append(c);
    }
    throw error(start, "attribute name is not closed, expected '\"'");
  }

  /** Whether an attribute's key can be written without quotes. */
  static boolean isPlainKey(String key) {
    return !key.isEmpty()
        && !isDigit(key.charAt(0))
        && key.chars().allMatch(c -> c != '"' && isKeyPart(c));
  }

  /** Whether a key begins like a scope that may follow {@code parent.}. */
  static boolean isScoped(String key) {
    return SCOPES_OF_PARENT.keySet().stream().anyMatch(key::startsWith);
  }

  private static boolean isKeyPart(int c) {
    return !isBlank(c) && "{}()=~!<>&|^,".indexOf(c) < 0;
  }

  private Token string(char quote) {
    int start = index;
    StringLiteral literal =
        quote == '`' ? StringLiteral.raw(query, start) : StringLiteral.quoted(query, start);
    index = literal.end();
    return literal(start, new Value.Text(literal.text()));
  }

  private Token number() {
    int start = index;
    Matcher number = NUMBER.matcher(query).region(index, query.length());
    if (!number.lookingAt()) {
      throw error(start, "invalid number");
    }
    index = number.end();
    if (index < query.length() && Durations.isUnitPart(query.charAt(index))) {
      while (index < query.length() && isDurationPart(query.charAt(index))) {
        index++;
      }
      String text = query.substring(start, index);
      return literal(
          start,
          new Value.Nanos(
              Durations.parse(text)
                  .orElseThrow(
                      () ->
                          error(
                              start,
                              "invalid duration '%s', expected for example 100ms, 1.5s or 1h30m"
                                  .formatted(shortened(text))))));
    }
    String text = number.group();
    if (index < query.length() && Character.isLetter(query.charAt(index))) {
      throw error(
          index, "unexpected '" + query.charAt(index) + "' after number '" + shortened(text) + "'");
    }
    return literal(start, numberValue(start, text));
  }

  private Value numberValue(int start, String text) {
    if (!text.chars().allMatch(Lexer::isDigit)) {
      double number = Double.parseDouble(text);
      if (Double.isInfinite(number)) {
        throw error(start, "number " + shortened(text) + " does not fit into 64 bits");
      }
      return new Value.Real(number);
    }
    try {
      return new Value.Int(Long.parseLong(text));
    } catch (NumberFormatException e) {
      if (MIN_INT_DIGITS.equals(text)) {
        return FieldParser.UNSIGNED_MIN_INT;
      }
      throw error(start, "integer " + shortened(text) + " does not fit into 64 bits");
    }
  }

  private static String shortened(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }

  private Token literal(int start, Value value) {
    return new Token(Token.Type.LITERAL, query.substring(start, index), value, null, start);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isDurationPart(char c) {
    return isDigit(c) || c == '.' || Durations.isUnitPart(c);
  }

  private TraceQlException error(int offset, String problem) {
    return TraceQlException.parseError(position(query, offset), problem);
  }
}
