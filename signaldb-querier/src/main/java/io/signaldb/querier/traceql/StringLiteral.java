package io.signaldb.querier.traceql;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A string as Go writes it: between double quotes with escapes, or raw between backticks.
 *
 * @param end index behind the closing quote
 */
record StringLiteral(String text, int end) {
  private static final String ESCAPES = "abfnrtv\\\"'";
  private static final String ESCAPED = "\u0007\b\f\n\r\t\u000b\\\"'";

  /** A literal of {@code text}, between double quotes. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              int escape = c == '\'' ? -1 : ESCAPED.indexOf(c);
              if (escape >= 0) {
                quoted.append('\\').append(ESCAPES.charAt(escape));
              } else {
                quoted.appendCodePoint(c);
              }
            });
    return quoted.append('"').toString();
  }

  /** The quoted form of an attribute's key, in which only quote and backslash are escaped. */
  static String quoteKey(String key) {
    return '"' + key.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  static StringLiteral raw(String query, int start) {
    int close = query.indexOf('`', start + 1);
    if (close < 0) {
      throw error(query, start, "string is not closed, expected '`'");
    }
    return new StringLiteral(query.substring(start + 1, close).replace("\r", ""), close + 1);
  }

  static StringLiteral quoted(String query, int start) {
    ByteArrayOutputStream utf8 = new ByteArrayOutputStream();
    int i = start + 1;
    while (i < query.length() && query.charAt(i) != '"' && query.charAt(i) != '\n') {
      int codePoint = query.codePointAt(i);
      if (codePoint == '\\') {
        i = escape(query, i, utf8);
      } else {
        utf8.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(codePoint);
      }
    }
    if (i >= query.length() || query.charAt(i) == '\n') {
      throw error(query, start, "string is not closed, expected '\"'");
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(utf8.toByteArray());
      return new StringLiteral(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString(), i + 1);
    } catch (CharacterCodingException e) {
      throw error(query, start, "string is not valid UTF-8");
    }
  }

  /** Writes what the escape at {@code start} stands for and returns the index behind it. */
  private static int escape(String query, int start, ByteArrayOutputStream utf8) {
    char kind = start + 1 < query.length() ? query.charAt(start + 1) : ' ';
    int simple = ESCAPES.indexOf(kind);
    if (simple >= 0) {
      utf8.write(ESCAPED.charAt(simple));
      return start + 2;
    }
    if (kind >= '0' && kind <= '7') {
      utf8.write(digits(query, start, start + 1, 3, 8, 255));
      return start + 4;
    }
    return switch (kind) {
      case 'x' -> {
        utf8.write(digits(query, start, start + 2, 2, 16, 255));
        yield start + 4;
      }
      case 'u', 'U' -> {
        int length = kind == 'u' ? 4 : 8;
        int codePoint = digits(query, start, start + 2, length, 16, Character.MAX_CODE_POINT);
        if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
          throw badEscape(query, start);
        }
        utf8.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
        yield start + 2 + length;
      }
      default -> throw badEscape(query, start);
    };
  }

  private static int digits(
      String query, int escape, int start, int length, int radix, int maximum) {
    long number = 0;
    for (int i = start; i < start + length; i++) {
      int digit = i < query.length() ? Character.digit(query.charAt(i), radix) : -1;
      if (digit < 0) {
        throw badEscape(query, escape);
      }
      number = number * radix + digit;
    }
    if (number > maximum) {
      throw badEscape(query, escape);
    }
    return (int) number;
  }

  private static TraceQlException badEscape(String query, int offset) {
    return error(
        query,
        offset,
        "invalid escape in string, expected one of \\a \\b \\f \\n \\r \\t \\v \\\\ \\\" \\' \\ooo"
            + " \\xhh \\uhhhh \\Uhhhhhhhh");
  }

  private static TraceQlException error(String query, int offset, String problem) {
    return TraceQlException.parseError(Lexer.position(query, offset), problem);
  }
}
