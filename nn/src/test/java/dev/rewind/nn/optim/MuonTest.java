package dev.rewind.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MuonTest {
  private static final double RATE = 0.05;
  private static final Muon.Options SOME = new Muon.Options(0.8, Adam.Options.defaults().withDecay(0.3));

  private static Gradients gradient(Param parameter, Tensor g) {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(tape.watch(parameter).times(tape.constant(g.to(parameter.dtype()))).sum());
    }
  }

  private static Tensor normal(int seed, int... sizes) {
    return Tensor.normal(Rng.of(seed), DType.FLOAT64, 0, 1, sizes);
  }

  @Test
  void matricesFollowTheirFormula() {
    for (int[] sizes : new int[][] {{3, 3}, {8, 3}, {2, 7}, {1, 4}}) {
      Param wide = new Param("wide", normal(1, sizes));
      Param narrow = new Param("narrow", wide.value().to(DType.FLOAT32));
      Muon ofWide = new Muon(Map.of("x", wide), "x", RATE, SOME);
      Muon ofNarrow = new Muon(Map.of("x", narrow), "x", RATE, SOME);
      double[][] x = rows(wide.value());
      double[][] mean = new double[sizes[0]][sizes[1]];
      for (int t = 1; t <= 4; t++) {
        Tensor g = t == 3 ? Tensor.zeros(DType.FLOAT64, sizes) : normal(1 + t, sizes).times(Math.pow(10, t - 2));
        ofWide.step(gradient(wide, g));
        ofNarrow.step(gradient(narrow, g));
        mean = sum(0.8, mean, 0.2, rows(g));
        double[][] direction = orthogonal(sum(0.8, mean, 0.2, rows(g)));
        x = sum(1 - RATE * 0.3, x, -RATE * 0.2 * Math.sqrt(Math.max(sizes[0], sizes[1])), direction);
        for (int i = 0; i < sizes[0]; i++) {
          for (int j = 0; j < sizes[1]; j++) {
            assertThat(wide.value().at(i, j)).isCloseTo(x[i][j], within(1e-11));
            assertThat(narrow.value().at(i, j)).isCloseTo(x[i][j], within(1e-5));
          }
        }
      }
    }
  }

  /// The formula of the documentation, in its order of factors.
  private static double[][] orthogonal(double[][] x) {
    double squares = 0;
    for (double[] row : x) {
      for (double element : row) {
        squares += element * element;
      }
    }
    double[][] y = sum(1 / (Math.sqrt(squares) + 1e-7), x, 0, x);
    for (int i = 0; i < 5; i++) {
      double[][] third = product(y, product(transposed(y), y));
      double[][] fifth = product(third, product(transposed(y), y));
      y = sum(1, sum(3.4445, y, -4.7750, third), 2.0315, fifth);
    }
    return y;
  }

  private static double[][] rows(Tensor x) {
    double[][] rows = new double[x.size(0)][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = x.select(0, i).toDoubles();
    }
    return rows;
  }

  private static double[][] sum(double a, double[][] x, double b, double[][] y) {
    double[][] sum = new double[x.length][x[0].length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x[0].length; j++) {
        sum[i][j] = a * x[i][j] + b * y[i][j];
      }
    }
    return sum;
  }

  private static double[][] product(double[][] x, double[][] y) {
    double[][] product = new double[x.length][y[0].length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < y[0].length; j++) {
        for (int k = 0; k < y.length; k++) {
          product[i][j] += x[i][k] * y[k][j];
        }
      }
    }
    return product;
  }

  private static double[][] transposed(double[][] x) {
    double[][] transposed = new double[x[0].length][x.length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x[0].length; j++) {
        transposed[j][i] = x[i][j];
      }
    }
    return transposed;
  }

  @Test
  void largeAndSmallDirectionsMoveAlike() {
    Param x = new Param("x", Tensor.zeros(DType.FLOAT32, 3, 3));
    new Muon(Map.of("x", x), "x", 1).step(gradient(x, Tensor.of(new double[] {5, 0, 0, 0, 1, 0, 0, 0, -0.1}, 3, 3)));
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double sign = i == j ? i == 2 ? 1 : -1 : 0;
        assertThat(x.value().at(i, j) / (0.2 * Math.sqrt(3))).isCloseTo(sign, within(0.35));
      }
    }
  }

  /// A cell, of which the weights are matrices, and a table.
  private static Map<String, Param> model() {
    Map<String, Param> model = new LinkedHashMap<>();
    model.put("table", new Param("table", normal(1, 5, 3).to(DType.FLOAT32)));
    model.put("cell.weight", new Param("weight", normal(2, 8, 3).to(DType.FLOAT32)));
    model.put("cell.other", new Param("other", normal(3, 3, 8).to(DType.FLOAT32)));
    model.put("cell.bias", new Param("bias", normal(4, 8).to(DType.FLOAT32)));
    return model;
  }

  private static Gradients gradients(Map<String, Param> model, int seed) {
    return model.values().stream().map(x -> gradient(x, normal(seed, x.value().shape().sizes())))
        .reduce(Gradients::plus).orElseThrow();
  }

  @Test
  void whatIsNoMatrixOrNotNamedMovesAsByAdamW() {
    Map<String, Param> one = model();
    Map<String, Param> two = model();
    Muon muon = new Muon(one, "cell", RATE, SOME);
    AdamW adam = new AdamW(two, RATE, SOME.others());
    for (int t = 0; t < 3; t++) {
      muon.step(gradients(one, 10 + t).clipByNorm(2));
      adam.step(gradients(two, 10 + t).clipByNorm(2));
    }
    for (String name : one.keySet()) {
      assertThat(one.get(name).value().equals(two.get(name).value())).as(name)
          .isEqualTo(name.equals("table") || name.equals("cell.bias"));
    }
    assertThat(muon.state()).containsOnlyKeys("table.steps", "table.mean", "table.square", "cell.weight.steps",
        "cell.weight.mean", "cell.other.steps", "cell.other.mean", "cell.bias.steps", "cell.bias.mean",
        "cell.bias.square");
    assertThat(muon).hasToString("Muon(parameters 4, elements 71, learning rate 0.05) with Options[momentum=0.8, "
        + "others=" + SOME.others() + "]");
  }

  @Test
  void aStateLoadedElsewhereGoesOnToTheSameBits() {
    Map<String, Param> one = model();
    Muon first = new Muon(one, "cell", RATE);
    first.step(gradients(one, 10));
    Map<String, Param> two = model();
    two.forEach((name, x) -> x.value().assign(one.get(name).value()));
    Muon second = new Muon(two, "cell", RATE);
    second.load(first.state());
    first.step(gradients(one, 11));
    second.step(gradients(two, 11));
    two.forEach((name, x) -> assertThat(x.value()).isEqualTo(one.get(name).value()));
    assertThat(second.state()).isEqualTo(first.state());
    assertThatIllegalArgumentException().isThrownBy(() -> new Muon(two, "table", RATE).load(first.state()))
        .withMessageContaining("cell.weight.square is missing").withMessageContaining("table.square is unknown");
  }

  @Test
  void groupsHaveTheirOwnRateAndDecay() {
    Map<String, Param> one = model();
    Map<String, Param> two = model();
    Muon muon = new Muon(one, "cell", RATE);
    muon.rateFactor("cell.weight", 0.5);
    muon.weightDecay("cell.weight", 0.4);
    muon.step(gradients(one, 10));
    new Muon(two, "cell", RATE / 2, new Muon.Options(0.95, Adam.Options.defaults().withDecay(0.4)))
        .step(gradients(two, 10));
    assertThat(one.get("cell.weight").value()).isEqualTo(two.get("cell.weight").value());
    assertThat(one.get("cell.other").value()).isNotEqualTo(two.get("cell.other").value());
  }

  @Test
  void aGradientThatIsNotFiniteChangesNothing() {
    Map<String, Param> model = model();
    Muon muon = new Muon(model, "cell", RATE);
    Map<String, Tensor> state = muon.state();
    for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      Gradients gradients = gradients(model, 10).plus(gradient(model.get("cell.other"),
          Tensor.full(DType.FLOAT32, bad, 3, 8)));
      assertThatExceptionOfType(NotFiniteException.class).isThrownBy(() -> muon.step(gradients))
          .withMessage("step: the gradient of cell.other [3, 8] is not finite; nothing was changed");
    }
    Gradients large = gradients(model, 10).plus(gradient(model.get("table"), Tensor.full(DType.FLOAT32, 1e30, 5, 3)));
    assertThatExceptionOfType(NotFiniteException.class).isThrownBy(() -> muon.step(large))
        .withMessageContaining("table [5, 3]: its square would overflow FLOAT32");
    assertThat(muon.state()).isEqualTo(state);
    model.forEach((name, x) -> assertThat(x.value()).isEqualTo(model().get(name).value()));
  }

  @Test
  void aLargeGradientOfAMatrixIsAsGoodAsAnother() {
    Param one = new Param("x", normal(1, 4, 3).to(DType.FLOAT32));
    Param two = new Param("x", one.value().copy());
    Tensor g = normal(2, 4, 3);
    new Muon(Map.of("x", one), "x", RATE).step(gradient(one, g));
    new Muon(Map.of("x", two), "x", RATE).step(gradient(two, g.times(1e30)));
    assertThat(two.value().allClose(one.value(), 0, 1e-5)).isTrue();
  }

  @Test
  void aMatrixOfWhichRowsWereLookedUpMovesAsAWhole() {
    Param one = new Param("x", normal(1, 6, 3).to(DType.FLOAT32));
    Param two = new Param("x", one.value().copy());
    Muon muon = new Muon(Map.of("x", one), "x", RATE);
    muon.rowWise(true);
    muon.step(lookup(one));
    new Muon(Map.of("x", two), "x", RATE).step(lookup(two));
    assertThat(two.value()).isEqualTo(one.value());
  }

  private static Gradients lookup(Param table) {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(tape.watch(table).gather(Tensor.of(new int[] {1, 4, 1}), 0).square().sum());
    }
  }

  @Test
  void aMatrixThatIsAPartOfATensorIsUpdatedInItsPlace() {
    Tensor whole = normal(1, 6, 3).to(DType.FLOAT32);
    Tensor before = whole.copy();
    for (int from : new int[] {0, 2}) {
      Param x = new Param("x", whole.slice(0, from, from + 2));
      new Muon(Map.of("x", x), "x", RATE).step(gradient(x, normal(2, 2, 3)));
    }
    assertThat(whole.slice(0, 4, 6)).isEqualTo(before.slice(0, 4, 6));
    assertThat(whole.minus(before).slice(0, 0, 2).allClose(whole.minus(before).slice(0, 2, 4), 0, 1e-6)).isTrue();
  }

  @Test
  void bitsDoNotDependOnTheNumberOfThreads() {
    int threads = Threads.count();
    try {
      assertThat(trained(1)).isEqualTo(trained(3));
    } finally {
      Threads.resize(threads);
    }
  }

  private static Tensor trained(int threads) {
    Threads.resize(threads);
    Map<String, Param> both = Map.of("a", new Param("a", normal(1, 301, 150).to(DType.FLOAT32)), "b",
        new Param("b", normal(2, 90, 400).to(DType.FLOAT32)));
    Muon muon = new Muon(both, "a|b", RATE);
    for (int t = 0; t < 2; t++) {
      muon.step(gradients(both, 10 + t));
    }
    return Tensor.concat(0, both.entrySet().stream().sorted(Map.Entry.comparingByKey())
        .map(entry -> entry.getValue().value().reshape(-1)).toList());
  }

  @Test
  void namesWithoutAMatrixAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Muon(model(), "cell.bias", RATE))
        .withMessage("Muon: there is no matrix in 'cell.bias'; AdamW is for all other shapes");
    assertThatIllegalArgumentException().isThrownBy(() -> new Muon(model(), "cells", RATE))
        .withMessageStartingWith("Muon: 'cells' is not a parameter, a part, or a regular expression for some");
    assertThatIllegalArgumentException().isThrownBy(() -> new Muon.Options(1, Adam.Options.defaults()))
        .withMessage("optimizer: the momentum must be in [0, 1.0), not 1.0");
  }
}
