package dev.rewind.guide;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.AnomalyException;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

/// Outside the packages of the library, as a user's code is.
class AnomalyTest {
  @Test
  void theOperationAndTheUsersLineAreNamed() {
    try (Tape tape = Tape.recording(TapeOptions.defaults().withAnomalyDetection())) {
      Variable x = tape.watch(Tensor.of(new double[] {1, -1}, 2));
      assertThatThrownBy(() -> x.log()).isInstanceOf(AnomalyException.class)
          .hasMessageContaining("log: the result of shape [2] has NaN").hasMessageContaining("AnomalyTest.java");
    }
  }

  @Test
  void soAreThoseOfAGradient() {
    try (Tape tape = Tape.recording(TapeOptions.defaults().withAnomalyDetection())) {
      Variable x = tape.watch(Tensor.of(new double[] {1, 0}, 2));
      Variable y = x.sqrt().sum();   // whose gradient at 0 is infinite
      assertThatThrownBy(() -> tape.gradients(y)).isInstanceOf(AnomalyException.class)
          .hasMessageContaining("sqrt: a gradient of shape [2] has infinity").hasMessageContaining("AnomalyTest.java");
    }
  }

  @Test
  void andThatAtWhichATensorWasReadThatChangedSince() {
    try (Tape tape = Tape.recording(TapeOptions.defaults().withAnomalyDetection())) {
      Variable x = tape.watch(Tensor.of(new double[] {1, 2}, 2));
      Tensor ids = Tensor.of(new int[] {1, 0});
      Variable y = x.gather(ids, 0).sum();
      ids.fill(0);
      assertThatIllegalStateException().isThrownBy(() -> tape.gradients(y))
          .withMessageStartingWith("gather: its gradient needs a tensor INT32 [2], which was changed in place")
          .withMessageContaining("AnomalyTest.java");
    }
  }
}
