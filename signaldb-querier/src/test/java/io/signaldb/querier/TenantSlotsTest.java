package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TenantSlotsTest {
  @Test
  void leavesSlotsToOtherTenants() {
    TenantSlots slots = new TenantSlots(3, 2, Duration.ofMillis(50));
    slots.acquire("busy");
    slots.acquire("busy");
    assertRefused(slots, "busy", "2 statements of tenant 'busy' are running");
    Runnable release = slots.acquire("other");
    assertThat(slots.running()).isEqualTo(3);
    assertRefused(slots, "third", "3 statements are running");
    release.run();
    slots.acquire("third");
  }

  @Test
  void givesASlotThatBecomesFreeToWhoWaits() throws Exception {
    TenantSlots slots = new TenantSlots(1, 1, Duration.ofSeconds(10));
    Runnable release = slots.acquire("a");
    CompletableFuture<Runnable> waiting = CompletableFuture.supplyAsync(() -> slots.acquire("a"));
    release.run();
    waiting.get(10, TimeUnit.SECONDS).run();
    assertThat(slots.running()).isZero();
  }

  private static void assertRefused(TenantSlots slots, String tenant, String message) {
    assertThatThrownBy(() -> slots.acquire(tenant))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessageContaining(message);
  }
}
