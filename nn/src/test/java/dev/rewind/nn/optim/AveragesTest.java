package dev.rewind.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Param;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Averages of weights, and rates that a metric or a cycle decides.
class AveragesTest {
  private static final double[] VALUES = {4, 8, -2, 1};

  private final Param weight = new Param("weight", Tensor.of(new double[] {1, 2}));
  private final Map<String, Param> parameters = Map.of("part.weight", weight);

  private void run(WeightAverage average, int from, int to) {
    for (int t = from; t < to; t++) {
      weight.value().fill(VALUES[t]);
      average.update();
    }
  }

  @Test
  void anExponentialAverageForgets() {
    WeightAverage average = WeightAverage.exponential(parameters, 0.75);
    assertThat(average.values().get("part.weight")).isEqualTo(Tensor.of(new double[] {1, 2}));
    run(average, 0, 4);
    double expected = 4;
    for (double value : new double[] {8, -2, 1}) {
      expected = 0.75 * expected + 0.25 * value;
    }
    assertThat(average.values().get("part.weight").at(0)).isCloseTo(expected, within(1e-14));
  }

  @Test
  void aTailIsAMeanAndGoesOnWhereItWasSaved() {
    WeightAverage average = WeightAverage.tail(parameters);
    run(average, 0, 2);
    WeightAverage loaded = WeightAverage.tail(parameters);
    loaded.load(average.state());
    run(loaded, 2, 4);
    assertThat(loaded.values().get("part.weight").at(1)).isCloseTo((4 + 8 - 2 + 1) / 4.0, within(1e-14));
    assertThatIllegalArgumentException().isThrownBy(() -> loaded.load(Map.of("updates", Tensor.scalar(1))))
        .withMessageContaining("part.weight is missing");
  }

  @Test
  void averagesAreExchangedWithTheValuesAndBack() {
    WeightAverage average = WeightAverage.tail(parameters);
    run(average, 0, 2);
    average.swap();
    assertThat(weight.value()).isEqualTo(Tensor.full(DType.FLOAT64, 6, 2));
    assertThatThrownBy(average::update).isInstanceOf(IllegalStateException.class)
        .hasMessage("update: the parameters have the averages; swap() them back first");
    average.swap();
    assertThat(weight.value()).isEqualTo(Tensor.full(DType.FLOAT64, 8, 2));
    assertThat(average.values().get("part.weight")).isEqualTo(Tensor.full(DType.FLOAT64, 6, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> WeightAverage.exponential(parameters, 1))
        .withMessage("optimizer: the decay of the average must be in [0, 1.0), not 1.0");
  }

  /// PyTorch 1.13.1: `ReduceLROnPlateau(optimizer, factor=0.5, patience=1)` of a rate of 1, after each metric.
  @Test
  void theRateFallsWhereAMetricHasStoppedFalling() {
    double[] metrics = {3, 2, 2, 1.9999, 1, 1.5, 1, 1.2, 0.99995, 0.9, 0.95, 0.93, 0.94};
    double[] rates = {1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125, 0.0625, 0.0625};
    Plateau plateau = new Plateau(1, 0.5, 1);
    for (int i = 0; i < metrics.length; i++) {
      assertThat(plateau.after(metrics[i])).as("after %s", metrics[i]).isEqualTo(rates[i]);
      Plateau loaded = new Plateau(7, 0.5, 1);
      loaded.load(plateau.state());
      plateau = loaded;
    }
    Plateau rising = new Plateau(1, 0.5, 0);
    assertThat(rising.after(-0.5)).isEqualTo(1);
    assertThat(rising.after(-0.6)).isEqualTo(1);
    assertThat(rising.after(-0.6)).isEqualTo(0.5);
    assertThat(rising.after(Double.NaN)).isEqualTo(0.25);
    assertThatIllegalArgumentException().isThrownBy(() -> new Plateau(1, 1, 3))
        .withMessage("plateau: wants a factor in (0, 1) and a patience of at least 0, not 1.0 and 3");
  }

  /// PyTorch 1.13.1: `OneCycleLR(optimizer, max_lr=0.01, total_steps=20)`.
  @Test
  void oneCycleGoesUpAndDown() {
    double[] rates = {0.0004, 0.001316718427, 0.003716718427, 0.006683281573, 0.009083281573, 0.01, 0.00987464006235,
        0.00950484632013, 0.00890916177571, 0.0081174565395, 0.00716943001791, 0.00611262021936, 0.00500002,
        0.00388741978064, 0.00283060998209, 0.0018825834605, 0.00109087822429, 0.000495193679865, 0.000125399937649,
        4e-08};
    Schedule cycle = Schedule.oneCycle(0.01, 20);
    for (int i = 0; i < 20; i++) {
      assertThat(cycle.at(i)).isCloseTo(rates[i], within(1e-12));
    }
    assertThat(cycle.at(1000)).isCloseTo(4e-8, within(1e-12));
    assertThatIllegalArgumentException().isThrownBy(() -> Schedule.oneCycle(1, 3))
        .withMessage("oneCycle: needs at least 4 iterations, not 3");
  }
}
