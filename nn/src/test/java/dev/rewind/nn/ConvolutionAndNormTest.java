package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.Conv1d.Options;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Figures of PyTorch 1.13.1 in float64, where `wave(shift, *sizes)` is
/// `torch.sin(0.7 * torch.arange(n, dtype=torch.float64) + shift).reshape(sizes)`.
class ConvolutionAndNormTest {
  private static Tensor wave(double shift, int... sizes) {
    double[] values = new double[Shape.of(sizes).elements()];
    Arrays.setAll(values, i -> Math.sin(0.7 * i + shift));
    return Tensor.of(values, sizes);
  }

  private static <B extends Block> B loaded(B block, Map<String, Tensor> state) {
    block.to(DType.FLOAT64);
    block.load(state);
    return block;
  }

  private static void assertGives(Layer layer, Tensor x, Shape shape, double... expected) {
    try (Tape tape = Tape.inference()) {
      Tensor y = layer.forward(tape.constant(x)).value();
      assertThat(y.shape()).isEqualTo(shape);
      assertThat(y.reshape(y.elements()).allClose(Tensor.of(expected), 1e-7, 1e-8)).as("%s", y).isTrue();
    }
  }

  private static Conv1d convolution(Options options) {
    return loaded(new Conv1d(3, 2, 2, options, Rng.of(1)), Map.of("weight", wave(1, 2, 3, 2), "bias", wave(2, 2)));
  }

  ///     x = wave(0, 2, 5, 3); w = wave(1, 2, 3, 2); b = wave(2, 2); X = x.transpose(1, 2)
  ///     F.conv1d(X, w, b).transpose(1, 2)
  ///     F.conv1d(X, w, b, stride=2, padding=1, dilation=2).transpose(1, 2)
  ///     F.conv1d(F.pad(X, (2, 0)), w, b, dilation=2).transpose(1, 2)
  @Test
  void convolutionsAreThoseOfPyTorch() {
    Tensor x = wave(0, 2, 5, 3);
    assertGives(convolution(Options.defaults()), x, Shape.of(2, 4, 2), 1.954332113, 1.332637019, 1.788484807,
        -1.506076261, -1.023445908, 1.474318345, 1.981585934, 1.303750411, -1.021292042, 1.50153575, 2.00853659,
        1.274616029, 1.729993677, -1.502223728, -1.018592346, 1.528449461);
    assertGives(convolution(new Options(2, 2, 1, 1)), x, Shape.of(2, 3, 2), 2.122141979, 0.156973745, 1.154592191,
        0.629650203, 0.762597562, 1.594856454, 0.002132849, 1.640977849, 0.45425517, 0.687486644, -0.126492189,
        0.309160912);
    assertGives(convolution(Options.causal(2, 2)), x, Shape.of(2, 5, 2), -0.027222365, 1.628569042, 2.122141979,
        0.156973745, 0.453407659, 0.67488096, 1.154592191, 0.629650203, 1.117514982, -0.024351969, 0.600466883,
        -0.486256887, 0.002132849, 1.640977849, 1.110660086, -0.023785866, 0.45425517, 0.687486644, 1.167387389,
        0.615917853);
  }

  @Test
  void gradientsAgreeWithNumericalOnes() {
    Tensor x = wave(0, 2, 5, 3);
    for (Options options : List.of(Options.defaults().withStride(2).withPadding(1), Options.causal(2, 2))) {
      Conv1d convolution = new Conv1d(3, 2, 2, options, Rng.of(1));
      GradientCheck.of(v -> convolution.forward(v).square()).at(x).withParameters(convolution.namedParameters())
          .secondOrder().run().assertPasses();
    }
    for (Layer layer : List.of(new RmsNorm(3), new GroupNorm(1, 3), new GroupNorm(3, 3), new LayerNorm(3, 0.1))) {
      GradientCheck.of(layer::forward).at(x).withParameters(((Block) layer).namedParameters()).secondOrder().run()
          .assertPasses();
    }
    GradientCheck.of(LayerNorm.withoutWeights(3, 0.1)::forward).at(x).secondOrder().run().assertPasses();
  }

  @Test
  void fewStepsGiveNone() {
    Conv1d convolution = new Conv1d(3, 2, 4, Options.defaults(), Rng.of(1));
    assertThat(convolution.steps(3)).isZero();
    assertThat(convolution.steps(4)).isEqualTo(1);
    try (Tape tape = Tape.inference()) {
      for (int time = 0; time < 4; time++) {
        Variable x = tape.constant(Tensor.zeros(DType.FLOAT32, 2, time, 3));
        assertThat(convolution.forward(x).shape()).isEqualTo(Shape.of(2, 0, 2));
        assertThat(new Conv1d(3, 2, 4, Options.causal(4, 3), Rng.of(1)).forward(x).shape())
            .isEqualTo(Shape.of(2, time, 2));
      }
    }
  }

  ///     x = wave(0, 2, 3, 4)
  ///     F.group_norm(x.transpose(1, 2), 2, wave(1, 4), wave(2, 4)).transpose(1, 2)
  ///     x / torch.sqrt(x.square().mean(-1, keepdim=True) + 1e-3) * wave(1, 4)
  ///     F.layer_norm(x, (4,), eps=0.1)
  @Test
  void normsAreThoseOfPyTorch() {
    Tensor x = wave(0, 2, 3, 4);
    Shape shape = x.shape();
    assertGives(loaded(new GroupNorm(2, 4), Map.of("weight", wave(1, 4), "bias", wave(2, 4))), x, shape, 0.904611996,
        1.949659097, 0.306112579, -0.789637137, 1.578732937, -0.41004535, -1.158469428, -0.879243266, -0.365731627,
        0.461733323, 0.04706326, -0.783570436, 1.587851504, 0.535410072, -0.60697406, -0.882155278, -0.421889388,
        -0.675099169, -0.071979232, -0.754630596, 1.736910955, 1.215615694, 0.28837521, -0.841194329);
    assertGives(loaded(new RmsNorm(4, 1e-3), Map.of("weight", wave(1, 4))), x, shape, 0, 0.874384323, 0.911047396,
        0.049126109, 0.40226681, -0.496420072, -0.840141507, -0.058297325, -0.789470976, 0.024780928, 0.659541878,
        0.061066985, 1.088971646, 0.479186496, -0.374857341, -0.055390973, -1.230208432, -0.915224733, 0.03390914,
        0.041568587, 1.197411416, 1.204780646, 0.294114624, -0.022821209);
    double[] plain = {-1.260605683, 0.042474329, 0.732695451, 0.485435903, 1.316515758, 0.191416926, -0.663012266,
        -0.844920417, -1.276018627, -0.345741187, 0.573185064, 1.04857475, 1.193428819, 0.46114009, -0.476376545,
        -1.178192364, -1.07120089, -0.559391914, 0.364539311, 1.266053493, 0.882057819, 0.65026876, -0.217982571,
        -1.314344007};
    assertGives(LayerNorm.withoutWeights(4, 0.1), x, shape, plain);
    assertThat(LayerNorm.withoutWeights(4, 0.1).parameters()).isEmpty();
    assertThat(LayerNorm.withoutWeights(4, 0.1).epsilon()).isEqualTo(0.1);
    LayerNorm withWeights = new LayerNorm(4, 0.1);
    withWeights.to(DType.FLOAT64);
    assertGives(withWeights, x, shape, plain);
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 5, 4));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Conv1d(3, 2, 2, Options.defaults(), Rng.of(1)).forward(x))
          .withMessage("convolution: wants [.., 3], not [2, 5, 4]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Conv1d(3, 2, 2, Options.defaults(), Rng.of(1)).forward(x.select(0, 0)))
          .withMessage("convolution: wants [batch, time, 3], not [5, 4]");
      assertThatIllegalArgumentException().isThrownBy(() -> new RmsNorm(3).forward(x))
          .withMessage("rms norm: wants [.., 3], not [2, 5, 4]");
      assertThatIllegalArgumentException().isThrownBy(() -> new GroupNorm(1, 4).forward(x.select(0, 0).select(0, 0)))
          .withMessage("group norm: wants [batch, 4] or [batch, time, 4], not [4]");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Options(0, 1, 0, 0))
        .withMessage("convolution: stride and dilation must be at least 1, padding at least 0, not 0, 1, 0 and 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Conv1d(3, 2, 0, Options.defaults(), Rng.of(1)))
        .withMessage("convolution: inputs, outputs and width must be at least 1, not 3, 2 and 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new GroupNorm(3, 4))
        .withMessage("group norm: vectors of 4 do not fall into 3 groups of equal size");
    assertThatIllegalArgumentException().isThrownBy(() -> new LayerNorm(4, 0))
        .withMessage("layer norm: epsilon must be positive, not 0.0");
  }
}
