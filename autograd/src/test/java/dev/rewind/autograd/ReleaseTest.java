package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

/// What a tape keeps alive, and what not.
class ReleaseTest {
  @Test
  void valuesThatNoRuleNeedsAreLetGo() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.ones(DType.FLOAT32, 100));
      Variable[] chain = {x.plus(1)};
      WeakReference<Tensor> middle = new WeakReference<>(chain[0].value());
      chain[0] = chain[0].times(2);
      assertCollected(middle);
      assertThat(tape.gradients(chain[0].sum()).of(x)).isEqualTo(Tensor.full(DType.FLOAT32, 2, x.shape()));
    }
  }

  @Test
  void valuesThatARuleNeedsAreLetGoByTheBackwardPass() {
    Tape tape = Tape.recording();
    Variable x = tape.watch(Tensor.ones(DType.FLOAT32, 100));
    Variable[] chain = {x.tanh()};
    WeakReference<Tensor> middle = new WeakReference<>(chain[0].value());
    chain[0] = chain[0].square().sum();
    tape.gradients(chain[0]);
    assertCollected(middle);
    assertThatIllegalStateException().isThrownBy(x::exp).withMessageContaining("consumed");
  }

  @Test
  void closingLetsGoOfEverythingButValues() {
    Tape tape = Tape.recording();
    Variable x = tape.watch(Tensor.ones(DType.FLOAT32, 100));
    Variable y = x.exp();
    WeakReference<Tensor> middle = new WeakReference<>(y.tanh().square().value());
    tape.close();
    assertCollected(middle);
    assertThat(y.value().at(0)).isEqualTo((float) Math.E);
    assertThat(tape.length()).isZero();
  }

  private static void assertCollected(WeakReference<?> reference) {
    for (int i = 0; i < 50 && reference.get() != null; i++) {
      System.gc();
    }
    assertThat(reference.get()).isNull();
  }
}
