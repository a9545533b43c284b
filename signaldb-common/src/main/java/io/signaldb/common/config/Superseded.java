package io.signaldb.common.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Keys of earlier SignalDB files that a section accepts with a warning and does not use. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Superseded {
  String[] keys();

  /** Why they have no effect, for the warning. */
  String reason();
}
