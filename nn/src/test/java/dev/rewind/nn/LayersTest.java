package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayersTest {
  private static final Tensor IDS = Tensor.of(new int[][] {{3, 0, 2}, {2, 2, 0}});

  private static Tensor normal(int... sizes) {
    return Tensor.normal(Rng.of(7), DType.FLOAT64, 0, 1, sizes);
  }

  @Test
  void linearTakesAnyRank() {
    Linear linear = new Linear(3, 2, Rng.of(1));
    Tensor weight = linear.parameters().getFirst().value();
    Tensor bias = linear.parameters().getLast().value();
    for (int[] sizes : new int[][] {{3}, {1, 3}, {4, 3}, {2, 5, 3}, {2, 1, 4, 3}, {0, 3}}) {
      Tensor x = normal(sizes).to(DType.FLOAT32);
      try (Tape tape = Tape.inference()) {
        Tensor y = linear.forward(tape.constant(x)).value();
        sizes[sizes.length - 1] = 2;
        assertThat(y.shape().sizes()).isEqualTo(sizes);
        Tensor rows = x.reshape(y.elements() / 2, 3).matmul(weight.transpose()).plus(bias);
        assertThat(y.reshape(y.elements() / 2, 2).allClose(rows, 1e-6, 1e-6)).isTrue();
      }
    }
    GradientCheck.of(linear::forward).at(normal(2, 4, 3)).withParameters(linear.parameters()).secondOrder().run()
        .assertPasses();
  }

  @Test
  void withoutBiasLinearIsTheProductAlone() {
    Linear linear = Linear.withoutBias(3, 2, Rng.of(1));
    assertThat(linear.state()).isEqualTo(Map.of("weight", new Linear(3, 2, Rng.of(1)).state().get("weight")));
    Tensor x = normal(4, 3).to(DType.FLOAT32);
    try (Tape tape = Tape.inference()) {
      Tensor product = x.matmul(linear.parameters().getFirst().value().transpose());
      assertThat(linear.forward(tape.constant(x)).value()).isEqualTo(product);
    }
    GradientCheck.of(linear::forward).at(normal(4, 3)).withParameters(linear.parameters()).run().assertPasses();
  }

  @Test
  void sizesThatMakeNoSenseAreNamed() {
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 5));
      assertThatIllegalArgumentException().isThrownBy(() -> new Linear(3, 2, Rng.of(1)).forward(x))
          .withMessage("linear: wants [.., 3], not [2, 5]");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Linear(0, 2, Rng.of(1)))
        .withMessage("linear: inputs and outputs must have at least 1 element, not 0 and 2");
    assertThatIllegalArgumentException().isThrownBy(() -> new LayerNorm(0))
        .withMessage("layer norm: a vector must have at least 1 element, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Embedding(4, -1, Rng.of(1)))
        .withMessage("embedding: there must be at least 1 symbol with at least 1 element, not 4 and -1");
  }

  @Test
  void inputsThatDoNotFitAreRefusedByTheLayer() {
    String float32 = ": wants FLOAT32, not FLOAT64; convert the input with to(..)";
    Embedding embedding = new Embedding(4, 3, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable doubles = tape.constant(normal(2, 3));
      assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> new Linear(3, 2, Rng.of(1)).forward(doubles))
          .withMessage("linear" + float32);
      assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> new LayerNorm(3).forward(doubles))
          .withMessage("layer norm" + float32);
      assertThatIllegalArgumentException().isThrownBy(() -> new Linear(3, 2, Rng.of(1)).forward(tape.constant(IDS)))
          .withMessage("linear: wants FLOAT32, not INT32; convert the input with to(..)");
      assertThatIllegalArgumentException().isThrownBy(() -> new LayerNorm(3).forward(tape.constant(Tensor.scalar(1f))))
          .withMessage("layer norm: wants [.., 3], not []");
      assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> embedding.forward(doubles))
          .withMessage("embedding: wants INT32 ids, not FLOAT64");
      for (int id : new int[] {4, -1}) {
        Variable ids = tape.constant(Tensor.of(new int[][] {{3, 0, 2}, {2, id, 9}}));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> embedding.forward(ids))
            .withMessage("embedding: id " + id + " at [1, 1] is not in [0, 4)");
      }
    }
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      assertThat(new Linear(3, 2, Rng.of(1)).forward(tape.constant(normal(2, 3))).dtype()).isEqualTo(DType.FLOAT64);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Linear(3, 2, Rng.of(1)).forward(tape.constant(normal(2, 3).to(DType.FLOAT32))))
          .withMessage("linear: wants FLOAT64, not FLOAT32; convert the input with to(..)");
    }
  }

  @Test
  void thePaddingIsZeroAndGetsNoGradient() {
    Embedding embedding = Embedding.withPadding(4, 3, 2, Rng.of(1));
    assertThat(embedding.weight().value().select(0, 2)).isEqualTo(Tensor.zeros(DType.FLOAT32, 3));
    embedding.weight().value().select(0, 2).fill(5); // however it came about
    try (Tape tape = Tape.recording()) {
      Variable vectors = embedding.forward(tape.constant(IDS));
      assertThat(vectors.value().select(0, 1).select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT32, 3));
      assertThat(vectors.value().select(0, 0).select(0, 0)).isEqualTo(embedding.weight().value().select(0, 3));
      Tensor derivative = tape.gradients(vectors.sum()).of(embedding.weight());
      assertThat(derivative).isEqualTo(Tensor.of(new float[][] {{2, 2, 2}, {0, 0, 0}, {0, 0, 0}, {1, 1, 1}}));
    }
    GradientCheck.of(x -> embedding.forward(x.tape().constant(IDS)).times(x).square()).at(normal(2, 3, 3))
        .withParameters(embedding.parameters()).secondOrder().run().assertPasses();
    assertThatIllegalArgumentException().isThrownBy(() -> Embedding.withPadding(4, 3, 4, Rng.of(1)))
        .withMessage("embedding: the padding 4 is not in [0, 4)");
  }

  private static final class Tied extends Block {
    private final Embedding embedding = child("embedding", new Embedding(4, 3, Rng.of(1)));
    private final Linear projection = child("projection", Linear.tiedTo(embedding));
  }

  @Test
  void tiedWeightsAreOneParameterWithBothGradients() {
    Tied net = new Tied();
    assertThat(net.namedParameters().keySet()).containsExactly("embedding.weight", "projection.bias");
    GradientCheck.of(x -> net.projection.forward(net.embedding.forward(x.tape().constant(IDS)).times(x)))
        .at(normal(2, 3, 3)).withParameters(net.parameters()).secondOrder().run().assertPasses();
    try (Tape tape = Tape.recording()) {
      Gradients gradients = tape.gradients(net.projection.forward(net.embedding.forward(tape.constant(IDS))).sum());
      Tensor table = net.embedding.weight().value();
      Tensor read = Tensor.zeros(DType.FLOAT32, 4, 3).scatterAdd(IDS, table.sum(0).expand(2, 3, 3), 0);
      Tensor written = table.gather(IDS, 0).sum(0, 1).expand(4, 3);
      assertThat(gradients.of(net.embedding.weight()).allClose(read.plus(written), 1e-5, 1e-6)).isTrue();
    }
    assertThat(net.summary()).isEqualTo("""
        name               kind       elements
        embedding          Embedding        12
        embedding.weight   [4, 3]           12
        projection         Linear            4
        projection.weight  [4, 3]               shared with embedding.weight
        projection.bias    [4]               4
        total              Tied             16
        """);
  }

  @Test
  void sequentialRunsItsLayersInOrder() {
    Sequential network = new Sequential(
        new Linear(3, 5, Rng.of(1)), Variable::tanh, new LayerNorm(5), new Dropout(0.5), new Linear(5, 2, Rng.of(2)));
    assertThat(network.namedParameters().keySet())
        .containsExactly("0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias");
    GradientCheck.of(network::forward).at(normal(2, 4, 3)).withParameters(network.parameters()).run().assertPasses();
    Tensor x = normal(6, 3).to(DType.FLOAT32);
    assertThat(training(network, x, 1)).isEqualTo(training(network, x, 1)).isNotEqualTo(training(network, x, 2));
    try (Tape evaluation = Tape.inference()) {
      Linear first = new Linear(3, 5, Rng.of(1));
      Linear last = new Linear(5, 2, Rng.of(2));
      Variable in = evaluation.constant(x);
      assertThat(network.forward(in).value())
          .isEqualTo(last.forward(new LayerNorm(5).forward(first.forward(in).tanh())).value());
      assertThat(new Sequential().forward(in)).isSameAs(in);
    }
  }

  @Test
  void whatIsDroppedIsZeroAndHasNoGradientThoughItOrWhatComesBackIsInfinite() {
    Tensor x = normal(40).square().to(DType.FLOAT32);
    x.slice(0, 0, 20).fill(Double.POSITIVE_INFINITY);
    try (Tape tape = Tape.recording(TapeOptions.defaults().withRng(Rng.of(1)))) {
      Variable in = tape.watch(x);
      Variable out = new Dropout(0.5).forward(in);
      Tensor dropped = out.value().equalTo(0);
      assertThat(dropped.slice(0, 0, 20).any().item()).isEqualTo(1);
      assertThat(out.value().isNaN().any().item()).isEqualTo(0);
      Tensor gradient = tape.gradients(out.sqrt().sum()).of(in); // a root's at 0 is infinite
      assertThat(gradient.maskedSelect(dropped).toDoubles()).containsOnly(0);
    }
  }

  private static Tensor training(Layer layer, Tensor x, long seed) {
    try (Tape tape = Tape.recording(TapeOptions.defaults().withRng(Rng.of(seed)))) {
      return layer.forward(tape.constant(x)).value();
    }
  }
}
