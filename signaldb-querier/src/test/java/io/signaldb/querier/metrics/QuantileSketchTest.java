package io.signaldb.querier.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class QuantileSketchTest {
  private static QuantileSketch of(double... values) {
    QuantileSketch sketch = new QuantileSketch();
    Arrays.stream(values).mapToObj(Measurement::of).forEach(sketch::add);
    return sketch;
  }

  @Test
  void hasNoQuantilesWithoutValues() {
    assertThat(new QuantileSketch().quantile(0.5)).isNaN();
  }

  @Test
  void isExactWhereValuesLieApart() {
    QuantileSketch sketch = of(3, -7, 0, 100, Double.POSITIVE_INFINITY);

    assertThat(sketch.quantile(0)).isEqualTo(-7);
    assertThat(sketch.quantile(0.2)).isEqualTo(-7);
    assertThat(sketch.quantile(0.3)).isEqualTo(0);
    assertThat(sketch.quantile(0.6)).isEqualTo(3);
    assertThat(sketch.quantile(0.8)).isEqualTo(100);
    assertThat(sketch.quantile(1)).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void staysWithinOnePercentOfManyValues() {
    Random random = new Random(1);
    DoubleSupplier durations = () -> Math.exp(random.nextGaussian() * 3) * 1e6;
    double[] values = random.doubles(100_000).map(x -> durations.getAsDouble()).toArray();
    QuantileSketch sketch = of(values);
    Arrays.sort(values);

    for (double quantile : new double[] {0.001, 0.1, 0.5, 0.9, 0.99, 0.9999}) {
      double exact = values[(int) Math.ceil(quantile * values.length) - 1];
      assertThat(sketch.quantile(quantile)).isCloseTo(exact, within(0.01 * exact));
    }
  }

  @Test
  void putsValuesIntoTheBucketOfTheNextPowerOfTwo() {
    assertThat(Buckets.powerOfTwo(8)).isEqualTo(8);
    assertThat(Buckets.powerOfTwo(8.001)).isEqualTo(16);
    assertThat(Buckets.powerOfTwo(0.3)).isEqualTo(0.5);
    assertThat(Buckets.powerOfTwo(1)).isEqualTo(1);
    assertThat(Buckets.powerOfTwo(0)).isZero();
    assertThat(Buckets.powerOfTwo(-5)).isZero();
    assertThat(Buckets.powerOfTwo(Double.POSITIVE_INFINITY)).isInfinite();
  }
}
