package io.signaldb.common.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComponentTest {
  private final List<String> events = new ArrayList<>();

  private Component part(String name) {
    return part(name, false, false);
  }

  private Component part(String name, boolean failsToStart, boolean failsToClose) {
    return new Component() {
      @Override
      public void start() throws Exception {
        events.add("start " + name);
        if (failsToStart) {
          throw new Exception("start of " + name);
        }
      }

      @Override
      public void close() {
        events.add("close " + name);
        if (failsToClose) {
          throw new IllegalStateException("close of " + name);
        }
      }
    };
  }

  @Test
  void startsInOrderAndClosesInReverseOnce() throws Exception {
    Component process =
        Component.sequence(part("wal"), Component.sequence(part("tables"), part("flight")));
    process.start();
    process.close();
    process.close();
    assertThat(events)
        .containsExactly(
            "start wal",
            "start tables",
            "start flight",
            "close flight",
            "close tables",
            "close wal");
  }

  @Test
  void aFailedStartClosesWhatHadStartedAndKeepsEveryFailure() {
    Component process =
        Component.sequence(part("wal", false, true), part("tables", true, false), part("flight"));
    assertThatThrownBy(process::start)
        .hasMessage("start of tables")
        .satisfies(
            e ->
                assertThat(e.getSuppressed())
                    .extracting(Throwable::getMessage)
                    .containsExactly("close of wal"));
    assertThat(events).containsExactly("start wal", "start tables", "close tables", "close wal");
  }

  @Test
  void everyPartIsClosedThoughOneFails() throws Exception {
    Component process = Component.sequence(part("wal", false, true), part("tables", false, true));
    process.start();
    assertThatThrownBy(process::close)
        .hasMessage("close of tables")
        .satisfies(
            e ->
                assertThat(e.getSuppressed())
                    .extracting(Throwable::getMessage)
                    .containsExactly("close of wal"));
    assertThat(events).endsWith("close tables", "close wal");
  }

  @Test
  void closingBeforeStartDoesNothing() {
    Component.sequence(part("wal")).close();
    assertThat(events).isEmpty();
  }
}
