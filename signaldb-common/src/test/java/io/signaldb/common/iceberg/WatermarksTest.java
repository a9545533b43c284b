package io.signaldb.common.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WatermarksTest {
  private static final UUID A = UUID.fromString("00000000-0000-0000-0000-00000000000a");
  private static final UUID B = UUID.fromString("00000000-0000-0000-0000-00000000000b");

  @Test
  void readsTheWatermarkOfEachWriterAndNothingElse() {
    Map<String, String> properties =
        Map.of(Watermarks.key(A), "17", Watermarks.key(B), "9007199254740993", "owner", "x");

    assertThat(Watermarks.of(properties, A)).hasValue(17);
    assertThat(Watermarks.of(Map.of(), A)).isEmpty();
    assertThat(Watermarks.all(properties))
        .containsOnly(Map.entry(A, 17L), Map.entry(B, 9007199254740993L));
  }

  @Test
  void refusesAWatermarkThatIsNoPosition() {
    assertThatThrownBy(() -> Watermarks.of(Map.of(Watermarks.key(A), "many"), A))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("many")
        .hasMessageContaining(Watermarks.key(A));
    assertThatThrownBy(() -> Watermarks.all(Map.of("signaldb.watermark.me", "1")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("signaldb.watermark.me");
  }
}
