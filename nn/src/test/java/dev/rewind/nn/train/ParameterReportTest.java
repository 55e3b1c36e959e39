package dev.rewind.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.nn.Block;
import dev.rewind.nn.Linear;
import dev.rewind.nn.optim.Sgd;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ParameterReportTest {
  /// Two layers, of which the second is not used.
  private static final class Two extends Block {
    final Linear used = child("used", new Linear(3, 2, Rng.of(1)));

    Two() {
      child("idle", new Linear(2, 1, Rng.of(2)));
    }
  }

  @Test
  void normsAndRatioAreThoseOfTheStep() {
    Two model = new Two();
    Sgd sgd = new Sgd(model.namedParameters(), 0.1, Sgd.Options.defaults());
    Tensor before = model.state().get("used.weight");
    try (Tape tape = Tape.recording()) {
      Gradients gradients = tape.gradients(
          model.used.forward(tape.constant(Tensor.ones(DType.FLOAT32, 4, 3))).sum()).clipByNorm(0.5);
      ParameterReport report = ParameterReport.of(model.namedParameters(), gradients, () -> sgd.step(gradients));
      ParameterReport.Row weight = report.of("used.weight");
      double norm = gradients.of(model.used.namedParameters().get("weight")).norm().item();
      assertThat(weight.value()).isCloseTo(before.norm().item(), within(1e-6));
      assertThat(weight.gradient()).isCloseTo(norm, within(1e-6)).isLessThan(0.5);
      assertThat(weight.update()).isCloseTo(0.1 * norm, within(1e-6));
      assertThat(weight.ratio()).isCloseTo(0.1 * norm / before.norm().item(), within(1e-6));
      assertThat(report.of("idle.bias")).returns(0.0, ParameterReport.Row::gradient)
          .returns(0.0, ParameterReport.Row::ratio);
      assertThat(report.rows()).extracting(ParameterReport.Row::name)
          .containsExactly("used.weight", "used.bias", "idle.weight", "idle.bias");
      assertThat(report.toString().lines()).hasSize(5).first().isEqualTo(
          "parameter               value   gradient  update / value");
      assertThat(report.toString().lines().skip(1).map(String::length).distinct()).hasSize(1);
      assertThatIllegalArgumentException().isThrownBy(() -> report.of("used"))
          .withMessage("parameter report: no parameter used, but [used.weight, used.bias, idle.weight, idle.bias]");
    }
  }

  @Test
  void aParameterThatWasZeroHasAnInfiniteRatio() {
    Two model = new Two();
    model.initialize("used", Rng.of(1), (rng, shape) -> Tensor.zeros(DType.FLOAT32, shape));
    Sgd sgd = new Sgd(model.namedParameters(), 0.1, Sgd.Options.defaults());
    try (Tape tape = Tape.recording()) {
      Gradients gradients = tape.gradients(
          model.used.forward(tape.constant(Tensor.ones(DType.FLOAT32, 4, 3))).sum());
      assertThat(
          ParameterReport.of(model.namedParameters(), gradients, () -> sgd.step(gradients)).of("used.weight").ratio())
          .isInfinite();
      assertThat(ParameterReport.of(model.namedParameters(), gradients, () -> {}).of("used.weight").ratio()).isZero();
    }
  }
}
