package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Losses with weights and reductions, against figures of PyTorch 1.13.1 in float64. There, `wave(shift, *sizes)` is
/// `torch.sin(0.7 * torch.arange(n, dtype=torch.float64) + shift).reshape(sizes)`, `F` is `torch.nn.functional`, and
///
///     x = wave(0, 2, 3, 4) * 2; X = x.transpose(1, 2)
///     t = torch.tensor([[1, 0, 3], [2, 2, 0]]); w = torch.tensor([0.5, 2, 1, 3]).double()
///     a, b = wave(0, 2, 3) * 2, wave(1, 2, 3)
class ReducedLossesTest {
  private static final Tensor X = wave(0, 2, 3, 4).times(2);
  private static final Tensor CLASSES = Tensor.of(new int[][] {{1, 0, 3}, {2, 2, 0}});
  private static final Tensor WEIGHTS = Tensor.of(new double[] {0.5, 2, 1, 3});
  private static final Tensor A = wave(0, 2, 3).times(2);
  private static final Tensor B = wave(1, 2, 3);
  private static final Tensor POSITIVE = Tensor.of(new double[] {1, 3, 0.5});
  private static final Tensor LABELS = Tensor.of(new int[] {1, -1, -1});

  private static Tensor wave(double shift, int... sizes) {
    double[] values = new double[Shape.of(sizes).elements()];
    Arrays.setAll(values, i -> Math.sin(0.7 * i + shift));
    return Tensor.of(values, sizes);
  }

  /// A loss, where it is checked, and how many positions it has.
  @FunctionalInterface
  private interface Loss {
    Variable of(Variable x, Reduction reduction, Tensor... mask);
  }

  private record Row(Tensor at, Loss loss, double... expected) {}

  private static Map<String, Row> rows() {
    Map<String, Row> rows = new LinkedHashMap<>();
    // F.cross_entropy(X, t, reduction='none')
    rows.put("crossEntropy", new Row(X, (x, r, m) -> Losses.crossEntropy(x, CLASSES, r, m), 1.56945483, 0.347113636,
        0.52954221, 2.821139889, 1.603639076, 0.725393058));
    // F.nll_loss(X, t, reduction='none'), of numbers that are no log-probabilities
    rows.put("negativeLogLikelihood", new Row(X, (x, r, m) -> Losses.negativeLogLikelihood(x, CLASSES, r, m),
        -1.288435374, -0.669976300, -1.976336468, 0.732958259, -0.067246094, -1.981214711));
    // F.l1_loss(a, b, reduction='none')
    rows.put("l1", new Row(A, (x, r, m) -> Losses.l1(x, B, r, m), 0.841470985, 0.296770564, 1.295436279, 1.684838071,
        1.281834191, 0.275963662));
    // F.mse_loss(a, b, reduction='none')
    rows.put("squaredError", new Row(A, (x, r, m) -> Losses.squaredError(x, B, r, m), 0.708073418, 0.088072768,
        1.678155154, 2.838679325, 1.643098894, 0.076155943));
    // F.huber_loss(a, b, reduction='none', delta=0.5)
    rows.put("huber", new Row(A, (x, r, m) -> Losses.huber(x, B, 0.5, r, m), 0.295735492, 0.044036384, 0.52271814,
        0.717419035, 0.515917096, 0.038077971));
    // F.smooth_l1_loss(a, b, reduction='none', beta=0.5)
    rows.put("smoothL1", new Row(A, (x, r, m) -> Losses.smoothL1(x, B, 0.5, r, m), 0.591470985, 0.088072768,
        1.045436279, 1.434838071, 1.031834191, 0.076155943));
    // F.gaussian_nll_loss(a, b, wave(2, 2, 3).exp(), reduction='none')
    rows.put("gaussianLikelihood", new Row(A,
        (x, r, m) -> Losses.gaussianLikelihood(x, x.tape().constant(wave(2, 2, 3)).exp(), B, r, m), 0.597257223,
        0.242411163, 0.955612921, 2.807924498, 1.726571826, -0.275664536));
    // F.binary_cross_entropy_with_logits(a, b.square(), reduction='none')
    rows.put("binaryCrossEntropy", new Row(A, (x, r, m) -> Losses.binaryCrossEntropy(x, B.square(), r, m), 0.693147181,
        0.264885663, 1.202117246, 1.887184393, 0.832405762, 1.073058994));
    // F.binary_cross_entropy_with_logits(a, b.square(), reduction='none', pos_weight=torch.tensor([1., 3, 0.5]).double())
    rows.put("weightedBinaryCrossEntropy", new Row(A,
        (x, r, m) -> Losses.weightedBinaryCrossEntropy(x, B.square(), POSITIVE, r, m), 0.693147181, 0.743794082,
        1.172360208, 1.887184393, 1.14182154, 0.545475715));
    // q = b - a; torch.maximum(0.8 * q, (0.8 - 1) * q)
    rows.put("quantile", new Row(A, (x, r, m) -> Losses.quantile(x, B, 0.8, r, m), 0.673176788, 0.059354113,
        0.259087256, 0.336967614, 0.256366838, 0.055192732));
    // F.cosine_embedding_loss(wave(0, 3, 4), wave(1, 3, 4), torch.tensor([1, -1, -1]), margin=0.2, reduction='none')
    rows.put("cosineEmbedding", new Row(wave(0, 3, 4),
        (x, r, m) -> Losses.cosineEmbedding(x, x.tape().constant(wave(1, 3, 4)), LABELS, 0.2, r, m), 0.373754378,
        0.407214214, 0.358245151));
    return rows;
  }

  @TestFactory
  Stream<DynamicTest> everyLossIsThatOfPyTorchInEveryReductionAndUnderAMask() {
    return rows().entrySet().stream().map(row -> DynamicTest.dynamicTest(row.getKey(), () -> check(row.getValue())));
  }

  private static void check(Row row) {
    int count = row.expected.length;
    boolean vectors = row.at.elements() != count;
    Shape positions = vectors ? Shape.of(Arrays.copyOf(row.at.shape().sizes(), row.at.rank() - 1)) : row.at.shape();
    boolean[] some = new boolean[count];
    for (int i = 0; i < count; i++) {
      some[i] = i % 3 != 1;
    }
    Tensor mask = Tensor.of(some, positions.sizes());
    double sum = Arrays.stream(row.expected).sum();
    double kept = 0;
    for (int i = 0; i < count; i++) {
      kept += some[i] ? row.expected[i] : 0;
    }
    int left = (int) mask.to(DType.INT32).sum().item();
    Tensor dirty = Tensor.where(vectors ? mask.unsqueeze(-1) : mask, row.at, Tensor.scalar(Double.NaN));
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(row.at);
      Tensor each = row.loss.of(x, Reduction.NONE).value();
      assertThat(each.shape()).isEqualTo(positions);
      assertThat(each.allClose(Tensor.of(row.expected, positions.sizes()), 1e-7, 1e-8)).as("%s", each).isTrue();
      assertThat(row.loss.of(x, Reduction.SUM).item()).isCloseTo(sum, within(1e-7));
      assertThat(row.loss.of(x, Reduction.MEAN).item()).isCloseTo(sum / count, within(1e-7));
      Variable holes = tape.watch(dirty);
      Variable mean = row.loss.of(holes, Reduction.MEAN, mask);
      assertThat(mean.item()).isCloseTo(kept / left, within(1e-7));
      assertThat(row.loss.of(holes, Reduction.SUM, mask).item()).isCloseTo(kept, within(1e-7));
      assertThat(row.loss.of(holes, Reduction.NONE, mask).value())
          .isEqualTo(Tensor.where(mask, row.loss.of(x, Reduction.NONE).value(), Tensor.scalar(0.0)));
      assertThat(row.loss.of(holes, Reduction.MEAN, Tensor.zeros(DType.BOOL, positions)).item()).isZero();
      assertThatIllegalArgumentException().isThrownBy(() -> row.loss.of(x, Reduction.SUM, Tensor.zeros(DType.BOOL, 9)))
          .withMessageContaining("the mask is BOOL [9], wanted BOOL " + positions);
      assertThatIllegalArgumentException().isThrownBy(() -> row.loss.of(x, Reduction.SUM, mask, mask))
          .withMessage("reduction: takes one mask, not 2");
      Tensor gradient = tape.gradients(mean).of(holes);
      assertThat(gradient.isFinite().all().item()).isEqualTo(1);
      assertThat(gradient.maskedSelect(dirty.isNaN()).toDoubles()).containsOnly(0);
    }
    for (Reduction reduction : Reduction.values()) {
      GradientCheck.of(x -> row.loss.of(x, reduction, mask)).at(row.at).secondOrder().allowingZeroGradient().run()
          .assertPasses();
    }
  }

  ///     F.cross_entropy(X, t, weight=w, reduction=r) for 'none', 'sum' and 'mean'
  @Test
  void crossEntropyTakesWeightsOfClasses() {
    Tensor mask = Tensor.of(new boolean[][] {{true, false, true}, {true, true, false}});
    Tensor holes = Tensor.where(mask, CLASSES, Tensor.scalar(-1));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(X);
      Tensor each = Losses.weightedCrossEntropy(x, CLASSES, WEIGHTS, Reduction.NONE).value();
      assertThat(each.allClose(Tensor.of(new double[][] {{3.138909661, 0.173556818, 1.588626631},
          {2.821139889, 1.603639076, 0.362696529}}), 1e-7, 1e-8)).isTrue();
      assertThat(Losses.weightedCrossEntropy(x, CLASSES, WEIGHTS, Reduction.SUM).item())
          .isCloseTo(9.688568604, within(1e-8));
      assertThat(Losses.weightedCrossEntropy(x, CLASSES, WEIGHTS, Reduction.MEAN).item())
          .isCloseTo(1.211071075, within(1e-8));
      double kept = 3.138909661 + 1.588626631 + 2.821139889 + 1.603639076;
      assertThat(Losses.weightedCrossEntropy(x, holes, WEIGHTS, Reduction.MEAN, mask).item())
          .isCloseTo(kept / (2 + 3 + 1 + 1), within(1e-8));
      assertThat(Losses.weightedCrossEntropy(x, holes, WEIGHTS, Reduction.MEAN, mask.and(mask.not())).item()).isZero();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.weightedCrossEntropy(x, CLASSES, POSITIVE, Reduction.MEAN))
          .withMessage("weightedCrossEntropy: logits [2, 3, 4] want a weight for each class, not [3]");
    }
    GradientCheck.of(x -> Losses.weightedCrossEntropy(x, holes, WEIGHTS, Reduction.MEAN, mask)).at(X).secondOrder()
        .run()
        .assertPasses();
  }

  ///     F.kl_div(x.log_softmax(-1).reshape(6, 4), wave(3, 6, 4).softmax(-1), reduction='batchmean')
  @Test
  void theDivergenceIsThatOfPyTorchAndZeroTargetsDoNotCount() {
    Tensor targets = wave(3, 2, 3, 4).softmax(-1);
    Tensor mask = Tensor.of(new boolean[][] {{true, false, true}, {true, true, false}});
    try (Tape tape = Tape.inference()) {
      assertThat(Losses.klDivergence(tape.constant(X).logSoftmax(-1), targets, Reduction.MEAN).item())
          .isCloseTo(1.303901592, within(1e-8));
      Variable impossible = tape.constant(Tensor.of(new double[] {Math.log(0.5), Double.NEGATIVE_INFINITY}));
      assertThat(Losses.klDivergence(impossible, Tensor.of(new double[] {1, 0}), Reduction.SUM).item())
          .isCloseTo(Math.log(2), within(1e-15));
      Tensor each = Losses.klDivergence(tape.constant(X).logSoftmax(-1), targets, Reduction.NONE, mask).value();
      assertThat(each.equalTo(0)).isEqualTo(mask.not());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.klDivergence(tape.constant(X), targets, Reduction.SUM, mask.select(0, 0)))
          .withMessage("klDivergence: the mask is BOOL [3], wanted BOOL [2, 3]");
    }
    GradientCheck.of(x -> Losses.klDivergence(x.logSoftmax(-1), targets, Reduction.MEAN, mask)).at(X).secondOrder()
        .run().assertPasses();
  }

  @Test
  void bothSidesOfAPairAndTheVarianceHaveGradients() {
    Tensor mask = Tensor.of(new boolean[] {true, false, true});
    GradientCheck.ofMany(x -> Losses.cosineEmbedding(x.get(0), x.get(1), LABELS, 0.2, Reduction.SUM, mask))
        .at(wave(0, 3, 4), wave(1, 3, 4)).secondOrder().run().assertPasses();
    GradientCheck.ofMany(x -> Losses.gaussianLikelihood(x.get(0), x.get(1).exp(), B, Reduction.MEAN))
        .at(A, wave(2, 2, 3))
        .secondOrder().run().assertPasses();
    try (Tape tape = Tape.recording()) {
      Variable zero = tape.watch(Tensor.zeros(DType.FLOAT64, 3, 4));
      Variable loss = Losses.cosineEmbedding(zero, tape.constant(wave(1, 3, 4)), LABELS, 0.2, Reduction.SUM);
      assertThat(loss.item()).isEqualTo(1);
      assertThat(tape.gradients(loss).of(zero).isFinite().all().item()).isEqualTo(1);
    }
  }

  @Test
  void aQuantileIsWhereTheLossIsLeast() {
    Tensor sample = Tensor.uniform(Rng.of(1), DType.FLOAT64, 0, 1, 1000);
    try (Tape tape = Tape.inference()) {
      double[] losses = new double[11];
      for (int i = 0; i < 11; i++) {
        losses[i] = Losses.quantile(
            tape.constant(Tensor.full(DType.FLOAT64, i / 10.0, 1000)), sample, 0.8, Reduction.MEAN).item();
      }
      assertThat(Arrays.stream(losses).min().orElseThrow()).isEqualTo(losses[8]);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.quantile(tape.constant(sample), sample, 1, Reduction.MEAN))
          .withMessage("quantile: q must be in (0, 1), not 1.0");
    }
  }

  ///     F.ctc_loss(wave(0, 3, 2, 4).log_softmax(-1), torch.tensor([[1, 2], [1, 1]]), torch.tensor([3, 2]),
  ///                torch.tensor([2, 2]), reduction='none', zero_infinity=True)
  @Test
  void sequencesThatAreTooShortForTheirLabellingAreSkippedByChoice() {
    Tensor labels = Tensor.of(new int[][] {{1, 2}, {1, 1}});
    int[] lengths = {3, 2};
    int[] labelLengths = {2, 2};
    try (Tape tape = Tape.recording()) {
      Variable logits = tape.watch(wave(0, 3, 2, 4).transpose(0, 1).contiguous());
      Variable loss = Losses.ctcOfPossible(logits, labels, lengths, labelLengths, 0);
      assertThat(loss.item()).isCloseTo(3.025946615 / 2, within(1e-8));
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.ctc(logits, labels, lengths, labelLengths, 0))
          .withMessage("ctc: sequence 1 has 2 steps, but its 2 labels need 3, with a blank between equal ones");
      Tensor gradient = tape.gradients(loss).of(logits);
      assertThat(gradient.select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT64, 3, 4));
      assertThat(gradient.select(0, 0).abs().max().item()).isPositive();
    }
  }
}
