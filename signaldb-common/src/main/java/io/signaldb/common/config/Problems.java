package io.signaldb.common.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with a configuration, gathered while it is read. */
final class Problems {
  private final List<String> errors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  void add(String where, @Nullable String what) {
    errors.add(where + ": " + what);
  }

  void warn(String what) {
    warnings.add(what);
  }

  List<String> errors() {
    return errors;
  }

  List<String> warnings() {
    return warnings;
  }
}
