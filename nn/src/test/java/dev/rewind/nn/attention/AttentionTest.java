package dev.rewind.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Figures of PyTorch 1.13.1 in float64, where `wave(shift, *sizes)` is
/// `torch.sin(0.7 * torch.arange(n, dtype=torch.float64) + shift).reshape(sizes)`.
class AttentionTest {
  private static final int[] LENGTHS = {3, 2};

  private static Tensor wave(double shift, int... sizes) {
    Shape shape = Shape.of(sizes);
    double[] values = new double[shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sin(0.7 * i + shift);
    }
    return Tensor.of(values, sizes);
  }

  private static Tensor normal(long seed, int... sizes) {
    return Tensor.normal(Rng.of(seed), DType.FLOAT64, 0, 1, sizes);
  }

  private static void assertClose(Tensor actual, double... expected) {
    assertThat(actual.reshape(actual.elements()).allClose(Tensor.of(expected), 1e-7, 1e-8)).as("%s", actual).isTrue();
  }

  /// PyTorch's layer, whose state dictionary loads by name:
  ///
  ///     m = torch.nn.MultiheadAttention(4, 2, batch_first=True).double()
  ///     m.load_state_dict({'in_proj_weight': wave(1, 12, 4), 'in_proj_bias': wave(2, 12),
  ///                        'out_proj.weight': wave(3, 4, 4), 'out_proj.bias': wave(4, 4)})
  private static MultiheadAttention torch() {
    MultiheadAttention attention = new MultiheadAttention(4, 2, Rng.of(1));
    attention.to(DType.FLOAT64);
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("in_proj_weight", wave(1, 12, 4));
    state.put("in_proj_bias", wave(2, 12));
    state.put("out_proj.weight", wave(3, 4, 4));
    state.put("out_proj.bias", wave(4, 4));
    attention.load(state);
    return attention;
  }

  ///     x = wave(0, 2, 3, 4).requires_grad_()
  ///     pad = torch.tensor([[False, False, False], [False, False, True]])
  ///     y, w = m(x, x, x, key_padding_mask=pad, attn_mask=torch.triu(torch.ones(3, 3, dtype=torch.bool), 1))
  ///     y = y * (~pad).unsqueeze(2); y.square().sum().backward(); x.grad; m.in_proj_weight.grad.sum(0)
  @Test
  void causalAttentionOfSequencesOfSeveralLengthsIsThatOfPyTorch() {
    MultiheadAttention attention = torch();
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(wave(0, 2, 3, 4));
      Variable y = attention.forward(x, true, LENGTHS);
      assertClose(y.value(), -2.215947574, 0.000487886, -1.198838867, -0.379660049, -0.601072811, -1.929874391,
          0.823947295, -2.261126397, -1.982881805, -0.470538405, -0.544281646, -1.142110631, -1.32188404, -0.935462433,
          -0.3291558, -1.08257936, -2.105758466, -0.326308674, -0.693197936, -1.005715853, 0, 0, 0, 0);
      Gradients gradients = tape.gradients(y.square().sum());
      assertClose(gradients.of(x), 2.086469302, 4.070901214, 4.140724675, 2.263100621, -4.615793949, -7.190399146,
          -6.383247272, -2.573954465, -0.422327141, -0.118187981, 0.241536833, 0.4876631, 0.840195889, 1.019091912,
          0.718693085, 0.08028167, -1.176013048, 1.408441733, 3.33048436, 3.686148152, 0, 0, 0, 0);
      Param weight = attention.namedParameters().get("in_proj_weight");
      assertClose(gradients.of(weight).sum(0), -0.373897877, 11.660211883, 18.210341798, 16.195863422);
    }
  }

  ///     m(wave(5, 2, 2, 4), wave(6, 2, 3, 4), wave(7, 2, 3, 4), key_padding_mask=pad)
  @Test
  void attentionToAMemoryIsThatOfPyTorch() {
    try (Tape tape = Tape.inference()) {
      Variable y = torch().forward(tape.constant(wave(5, 2, 2, 4)), tape.constant(wave(6, 2, 3, 4)),
          tape.constant(wave(7, 2, 3, 4)), Attention.keyMask(LENGTHS, 3));
      assertClose(y.value(), -0.305109977, -1.650747261, 0.001984827, -0.991310725, -2.536632501, 0.399500757,
          -1.630071623, 0.033961354, -0.529528596, -2.013574387, 0.910131092, -2.339835, -1.598258361, -0.871629092,
          -0.17307188, -1.440544215);
    }
  }

  ///     q, k, v = wave(0, 2, 2, 4), wave(1, 2, 3, 4), wave(2, 2, 3, 2)
  ///     s = (q @ k.transpose(1, 2)) / 2
  ///     torch.softmax(s, -1) @ v; torch.softmax(s.masked_fill(pad.unsqueeze(1), float('-inf')), -1) @ v
  @Test
  void scaledDotProductIsThatOfPyTorch() {
    try (Tape tape = Tape.inference()) {
      Variable q = tape.constant(wave(0, 2, 2, 4));
      Variable k = tape.constant(wave(1, 2, 3, 4));
      Variable v = tape.constant(wave(2, 2, 3, 2));
      assertClose(Attention.scaledDotProduct(q, k, v).value(), -0.223753643, -0.288980869, -0.087777183, -0.511481922,
          0.751377559, 0.711855291, 0.294242254, 0.172643134);
      assertClose(Attention.scaledDotProduct(q, k, v, Attention.keyMask(LENGTHS, 3)).value(), -0.223753643,
          -0.288980869, -0.087777183, -0.511481922, 0.799082518, 0.850166573, 0.166236229, 0.655237106);
    }
  }

  /// Each score written out, pair by pair.
  @Test
  void scoresAreThoseOfTheirFormulas() {
    AdditiveAttention additive = new AdditiveAttention(3, 4, 5, Rng.of(1));
    DotProductAttention product = new DotProductAttention(3, 4, Rng.of(2));
    Tensor query = normal(3, 2, 2, 3).to(DType.FLOAT32);
    Tensor memory = normal(4, 2, 6, 4).to(DType.FLOAT32);
    Map<String, Tensor> a = additive.state();
    Tensor u = product.state().get("key.weight");
    try (Tape tape = Tape.inference()) {
      Tensor sums = additive.scores(tape.constant(query), additive.keys(tape.constant(memory))).value();
      Tensor products = product.scores(tape.constant(query), product.keys(tape.constant(memory))).value();
      for (int b = 0; b < 2; b++) {
        for (int t = 0; t < 2; t++) {
          for (int s = 0; s < 6; s++) {
            Tensor q = query.select(0, b).select(0, t);
            Tensor m = memory.select(0, b).select(0, s);
            double sum = a.get("score.weight").select(0, 0).dot(a.get("query.weight").matmul(q)
                .plus(a.get("key.weight").matmul(m)).plus(a.get("key.bias")).tanh()).item();
            assertThat(sums.at(b, t, s)).isCloseTo(sum, within(1e-6));
            assertThat(products.at(b, t, s)).isCloseTo(q.dot(u.matmul(m)).item() / Math.sqrt(3),
                within(1e-6));
          }
        }
      }
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnes() {
    Tensor mask = Tensor.of(new boolean[][] {{true, false, true}, {false, false, false}});
    GradientCheck.ofMany(x -> Attention.scaledDotProduct(x.get(0), x.get(1), x.get(2), mask))
        .at(normal(1, 2, 2, 4), normal(2, 2, 3, 4), normal(3, 3, 5)).secondOrder().run().assertPasses();
    for (Attention attention : new Attention[] {
        new AdditiveAttention(3, 4, 5, Rng.of(1)), new DotProductAttention(3, 4, Rng.of(2))}) {
      GradientCheck.ofMany(x -> attention.forward(x.get(0), x.get(1), new int[] {2, 0, 3}))
          .at(normal(3, 3, 2, 3), normal(4, 3, 3, 4)).withParameters(attention.namedParameters()).secondOrder().run()
          .assertPasses();
    }
    MultiheadAttention turned = new MultiheadAttention(4, 2, 0, true, Rng.of(3));
    GradientCheck.of(x -> turned.forward(x, true, new int[] {3, 0, 2})).at(normal(5, 3, 3, 4))
        .withParameters(turned.namedParameters()).secondOrder().run().assertPasses();
    MultiheadAttention plain = new MultiheadAttention(4, 2, Rng.of(3));
    GradientCheck.of(plain::forward).at(normal(5, 2, 3, 4)).withParameters(plain.namedParameters()).secondOrder().run()
        .assertPasses();
  }

  @Test
  void paddingMayBeNaNAndHasNoGradient() {
    Attention additive = new AdditiveAttention(3, 4, 5, Rng.of(1));
    MultiheadAttention heads = new MultiheadAttention(4, 2, Rng.of(2));
    Tensor clean = normal(3, 3, 5, 4).to(DType.FLOAT32);
    Tensor dirty = clean.copy();
    dirty.select(0, 0).slice(0, 2, 5).fill(Double.NaN);
    dirty.select(0, 1).fill(Double.NaN);
    int[] lengths = {2, 0, 5};
    for (boolean self : new boolean[] {false, true}) {
      Tensor[] outputs = new Tensor[2];
      Tensor[] gradients = new Tensor[2];
      for (int k = 0; k < 2; k++) {
        try (Tape tape = Tape.recording()) {
          Variable x = tape.watch(k == 0 ? clean : dirty);
          Variable query = tape.constant(normal(4, 3, 2, 3).to(DType.FLOAT32));
          Variable y = self ? heads.forward(x, true, lengths) : additive.forward(query, x, lengths);
          outputs[k] = y.value().copy();
          gradients[k] = tape.gradients(y.square().sum()).of(x);
        }
      }
      assertThat(outputs[1]).isEqualTo(outputs[0]);
      assertThat(gradients[1]).isEqualTo(gradients[0]);
      assertThat(outputs[0].select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT32, outputs[0].select(0, 1).shape()));
      assertThat(gradients[0].select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT32, 5, 4));
      assertThat(gradients[0].select(0, 0).slice(0, 2, 5)).isEqualTo(Tensor.zeros(DType.FLOAT32, 3, 4));
      assertThat(gradients[0].select(0, 0).slice(0, 0, 2).abs().max().item()).isPositive();
    }
  }

  @Test
  void aMemoryOfNothingGivesZeros() {
    AdditiveAttention attention = new AdditiveAttention(3, 4, 5, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable query = tape.constant(normal(4, 2, 1, 3).to(DType.FLOAT32));
      Variable memory = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 0, 4));
      assertThat(attention.forward(query, memory).value()).isEqualTo(Tensor.zeros(DType.FLOAT32, 2, 1, 4));
    }
  }

  @Test
  void whatIsDroppedInTrainingAreWeights() {
    MultiheadAttention attention = new MultiheadAttention(4, 2, 0.5, false, Rng.of(2));
    Tensor x = normal(3, 2, 5, 4).to(DType.FLOAT32);
    try (Tape training = Tape.training(Rng.of(1)); Tape again = Tape.training(Rng.of(1)); Tape off = Tape.inference()) {
      Tensor dropped = attention.forward(training.constant(x)).value();
      assertThat(attention.forward(again.constant(x)).value()).isEqualTo(dropped);
      assertThat(attention.forward(off.constant(x)).value()).isNotEqualTo(dropped)
          .isEqualTo(new MultiheadAttention(4, 2, Rng.of(2)).forward(off.constant(x)).value());
    }
  }

  @Test
  void aStepSeesNothingThatComesLater() {
    MultiheadAttention attention = new MultiheadAttention(4, 2, 0, true, Rng.of(2));
    Tensor x = normal(3, 2, 5, 4).to(DType.FLOAT32);
    try (Tape tape = Tape.inference()) {
      Tensor all = attention.forward(tape.constant(x), true).value();
      Tensor start = attention.forward(tape.constant(x.slice(1, 0, 3)), true).value();
      assertThat(all.slice(1, 0, 3).allClose(start, 1e-6, 1e-6)).isTrue();
      assertThat(attention.forward(tape.constant(x)).value().slice(1, 0, 3).allClose(start, 1e-3, 1e-3)).isFalse();
    }
  }

  /// The waves of the paper, and that products depend on distances alone.
  @Test
  void positionsAreWaves() {
    Tensor waves = Positions.sinusoidal(4, 5);
    for (int p = 0; p < 4; p++) {
      for (int i = 0; i < 5; i++) {
        double angle = p * Math.exp(-Math.log(10_000) * (i - i % 2) / 5);
        assertThat(waves.at(p, i)).isEqualTo((float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle)),
            within(1e-7));
      }
    }
    assertThat(Positions.sinusoidal(0, 4).shape()).isEqualTo(Shape.of(0, 4));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(normal(1, 2, 6, 4));
      Tensor near = Positions.rotary(x, 0).matmul(Positions.rotary(x, 0).transpose()).value();
      Tensor far = Positions.rotary(x, 100).matmul(Positions.rotary(x, 100).transpose()).value();
      assertThat(far.allClose(near, 1e-9, 1e-12)).isTrue();
      Tensor turned = Positions.rotary(tape.constant(Tensor.of(new double[] {1, 0, 0, 1}, 1, 4)), 3).value();
      assertClose(turned, Math.cos(3), Math.sin(3), -Math.sin(0.03), Math.cos(0.03));
      assertThat(Positions.rotary(x, 0).value().select(1, 0)).isEqualTo(x.value().select(1, 0));
    }
    GradientCheck.of(x -> Positions.rotary(x, 2).square()).at(normal(1, 2, 3, 4)).secondOrder().run().assertPasses();
  }

  @Test
  void whatDoesNotFitIsNamed() {
    MultiheadAttention heads = new MultiheadAttention(4, 2, Rng.of(1));
    AdditiveAttention additive = new AdditiveAttention(3, 4, 5, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 3, 4));
      Variable other = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 3, 5));
      assertThatIllegalArgumentException().isThrownBy(() -> heads.forward(other))
          .withMessage("multi-head attention: wants queries [batch, time, 4], not [2, 3, 5]");
      assertThatIllegalArgumentException().isThrownBy(() -> heads.forward(x, false, new int[] {3}))
          .withMessage("multi-head attention: 1 lengths for a batch of 2");
      assertThatIllegalArgumentException().isThrownBy(() -> heads.forward(x, x, x, Attention.causalMask(4)))
          .withMessage("attention: wants a mask BOOL [.., 3, 3], not BOOL [4, 4]");
      assertThatIllegalArgumentException().isThrownBy(() -> heads.forward(x, x, x, Tensor.zeros(DType.FLOAT32, 3, 3)))
          .withMessage("attention: wants a mask BOOL [.., 3, 3], not FLOAT32 [3, 3]");
      assertThatIllegalArgumentException().isThrownBy(() -> Attention.scaledDotProduct(x, other, x))
          .withMessage("attention: wants queries [.., T, D], keys [.., S, D] and values [.., S, M], not [2, 3, 4], "
              + "[2, 3, 5] and [2, 3, 4]");
      assertThatIllegalArgumentException().isThrownBy(() -> additive.forward(x, x))
          .withMessage("attention: wants queries [batch, queries, 3] and a memory [batch, keys, 4], not [2, 3, 4] and "
              + "[2, 3, 4]");
      assertThatIllegalArgumentException().isThrownBy(() -> Positions.rotary(other, 0))
          .withMessage("rotary: wants [.., T, D] with D even, not [2, 3, 5]");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new MultiheadAttention(4, 3, Rng.of(1)))
        .withMessage("multi-head attention: vectors of 4 do not fall into 3 heads of equal size");
    assertThatIllegalArgumentException().isThrownBy(() -> new MultiheadAttention(6, 2, 0, true, Rng.of(1)))
        .withMessage("multi-head attention: vectors of 6 do not fall into 2 heads of an even size");
    assertThatIllegalArgumentException().isThrownBy(() -> new AdditiveAttention(3, 0, 5, Rng.of(1)))
        .withMessage("attention: queries, memory and keys must have at least 1 element, not 3, 0 and 5");
    assertThatIllegalArgumentException().isThrownBy(() -> new MultiheadAttention(4, 2, 1, false, Rng.of(1)))
        .withMessage("dropout: the rate must be in [0, 1), not 1.0");
  }
}
