package io.signaldb.common.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TimeStepsTest {
  private static final long MS = 1_000_000;

  @Test
  void excludesTheLeftEdgeOfAnIntervalAndIncludesTheRight() {
    TimeSteps steps = new TimeSteps(10 * MS, 40 * MS, 10 * MS);

    assertThat(steps.count()).isEqualTo(3);
    assertThat(steps.indexOf(10 * MS)).isEqualTo(-1);
    assertThat(steps.indexOf(10 * MS + 1)).isZero();
    assertThat(steps.indexOf(20 * MS)).isZero();
    assertThat(steps.indexOf(20 * MS + 1)).isEqualTo(1);
    assertThat(steps.indexOf(40 * MS)).isEqualTo(2);
    assertThat(steps.indexOf(40 * MS + 1)).isEqualTo(-1);
    assertThat(steps.timestampMillis(0)).isEqualTo(20);
    assertThat(steps.timestampMillis(2)).isEqualTo(40);
  }

  @Test
  void takesTheWholeRangeAsOneInterval() {
    TimeSteps one = TimeSteps.one(5, 12);

    assertThat(one.count()).isEqualTo(1);
    assertThat(one.indexOf(5)).isEqualTo(-1);
    assertThat(one.indexOf(12)).isZero();
  }

  @Test
  void refusesMoreIntervalsThanCanBeCounted() {
    assertThatThrownBy(() -> new TimeSteps(0, Long.MAX_VALUE, 1))
        .hasMessageContaining("too many intervals: expected at most 2147483647");
  }
}
