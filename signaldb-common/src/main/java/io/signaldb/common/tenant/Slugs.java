package io.signaldb.common.tenant;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.util.regex.Pattern;

/**
 * The rule for tenant and dataset ids and slugs. They become directory names, object paths and SQL
 * identifiers, so every edge checks them, not only the first.
 */
public final class Slugs {
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private Slugs() {}

  /**
   * Returns {@code value} if it is a valid id or slug.
   *
   * @param what what the value is, for the message: "tenant id", "dataset slug"
   * @throws SignalDbException INVALID_ARGUMENT otherwise
   */
  public static String require(String what, String value) {
    if (!isValid(value)) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid %s '%s': expected 1 to 64 of A-Z a-z 0-9 _ -".formatted(what, printable(value)));
    }
    return value;
  }

  /** Whether {@code value} is a valid id or slug. */
  public static boolean isValid(String value) {
    return VALID.matcher(value).matches();
  }

  private static String printable(String value) {
    String shown = value.length() > 80 ? value.substring(0, 80) + "…" : value;
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
