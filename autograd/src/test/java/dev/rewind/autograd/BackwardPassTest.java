package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// The backward pass of the first order adds up in place, defers products and uses memory again; none of it may be seen.
class BackwardPassTest {
  private static final int BATCH = 6;
  private static final int STEPS = 90; // [BATCH * STEPS] rows: more than are deferred at once
  private static final int SIZE = 5;

  private final Rng rng = Rng.of(2);
  private final Param weight = parameter("weight", 2 * SIZE, SIZE);
  private final Param bias = parameter("bias", 2 * SIZE);
  private final Tensor input = Tensor.normal(rng, DType.FLOAT32, 0, 1, BATCH, STEPS, SIZE);

  private Param parameter(String name, int... sizes) {
    return new Param(name, Tensor.normal(rng, DType.FLOAT32, 0, 0.4, sizes));
  }

  /// A gated cell over the time axis: every kind of rule of which the backward pass knows more than the rule.
  private Variable run(Tape tape, Variable x, UnaryOperator<Variable> eachGate, List<Variable> states) {
    Variable h = tape.constant(Tensor.zeros(x.dtype(), BATCH, SIZE));
    List<Variable> outputs = new ArrayList<>();
    for (Variable slice : x.split(1, STEPS)) {
      Variable sums = slice.squeeze(1).plus(h).matmul(tape.watch(weight).transpose()).plus(tape.watch(bias));
      List<Variable> gates = sums.split(1, 2);
      Variable gate = eachGate.apply(gates.get(0).sigmoid());
      h = gate.times(h).plus(gates.get(1).tanh().times(gate.minus(1)));
      states.add(h);
      outputs.add(h);
    }
    return Variable.stack(1, outputs).square().sum();
  }

  private Variable run(Tape tape, Variable x) {
    return run(tape, x, gate -> gate, new ArrayList<>());
  }

  @Test
  void gradientsAreThoseOfTheRulesThemselves() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(input);
      Variable loss = run(tape, x);
      List<Variable> sources = List.of(x, tape.watch(weight), tape.watch(bias));
      List<Variable> byRules = tape.differentiate(loss, sources);
      Gradients gradients = tape.gradients(loss);
      assertThat(gradients.of(x).allClose(byRules.get(0).value(), 1e-4, 1e-5)).isTrue();
      assertThat(gradients.of(weight).allClose(byRules.get(1).value(), 1e-4, 1e-4)).isTrue();
      assertThat(gradients.of(bias).allClose(byRules.get(2).value(), 1e-4, 1e-4)).isTrue();
    }
  }

  @Test
  void anomalyModeGivesTheSameBits() {
    Gradients plain = gradients(TapeOptions.defaults());
    Gradients checked = gradients(TapeOptions.defaults().withAnomalyDetection());
    assertThat(checked.of(weight)).isEqualTo(plain.of(weight));
    assertThat(checked.of(bias)).isEqualTo(plain.of(bias));
  }

  private Gradients gradients(TapeOptions options) {
    try (Tape tape = Tape.recording(options)) {
      return tape.gradients(run(tape, tape.constant(input)));
    }
  }

  @Test
  void gradientsOfOneStepOutliveTheNextInTheSameWorkspace() {
    TapeOptions options = TapeOptions.defaults().withWorkspace(new Workspace());
    Gradients first = gradients(options);
    Tensor before = first.of(weight).copy();
    weight.value().timesInPlace(-0.5);
    Gradients second = gradients(options);
    assertThat(first.of(weight)).isEqualTo(before);
    assertThat(second.of(weight)).isEqualTo(gradients(TapeOptions.defaults()).of(weight)).isNotEqualTo(before);
  }

  @Test
  void whatHooksAndRetainedVariablesSawStaysAsItWas() {
    List<Tensor> seen = new ArrayList<>();
    List<Tensor> copies = new ArrayList<>();
    List<Variable> states = new ArrayList<>();
    try (Tape tape = Tape.recording()) {
      Variable loss = run(tape, tape.watch(input), gate -> gate.retainGradient().onGradient(g -> {
        seen.add(g.value());
        copies.add(g.value().copy());
        return g;
      }), states);
      states.forEach(Variable::retainGradient);
      Gradients gradients = tape.gradients(loss);
      List<Variable> byRules;
      try (Tape other = Tape.recording()) {
        List<Variable> others = new ArrayList<>();
        Variable again = run(other, other.watch(input), gate -> gate, others);
        byRules = other.differentiate(again, others);
        for (int t = 0; t < STEPS; t++) {
          assertThat(gradients.of(states.get(t)).allClose(byRules.get(t).value(), 1e-4, 1e-5)).isTrue();
        }
      }
    }
    assertThat(seen).hasSize(STEPS).isEqualTo(copies);
  }

  @Test
  void aHookChangesTheGradientOfAPart() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
      List<Variable> columns = x.split(1, 3);
      columns.get(0).onGradient(g -> g.times(10));
      Variable loss = columns.get(0).plus(columns.get(2)).sum();
      assertThat(tape.gradients(loss).of(x)).isEqualTo(Tensor.of(new float[] {10, 0, 1, 10, 0, 1}, 2, 3));
    }
  }

  @Test
  void rulesOfAUsersOperationMayKeepGradients() {
    List<Tensor> kept = new ArrayList<>();
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.ones(DType.FLOAT32, 3, 3));
      Variable y = x;
      for (int i = 0; i < 4; i++) {
        Variable before = y.times(2);
        Variable mine = Op.record("mine", before.value(), Op.wrt(before, g -> {
          kept.add(g.value());
          return g;
        }));
        y = mine.plus(mine); // so that its gradient is added up in pooled memory
      }
      tape.gradients(y.sum());
    }
    for (int i = 0; i < 4; i++) {
      assertThat(kept.get(i)).isEqualTo(Tensor.full(DType.FLOAT32, 2 << 2 * i, 3, 3));
    }
  }

  @Test
  void aWeightChangedBetweenProductsIsAnotherOne() {
    try (Tape tape = Tape.inference()) {
      Tensor w = Tensor.normal(rng, DType.FLOAT32, 0, 1, SIZE, SIZE);
      Variable h = tape.constant(Tensor.normal(rng, DType.FLOAT32, 0, 1, BATCH, SIZE));
      for (int i = 0; i < 6; i++) {
        assertThat(h.matmul(tape.constant(w)).value()).isEqualTo(h.value().matmul(w));
        if (i % 3 == 2) {
          w.timesInPlace(2);
        }
      }
    }
  }

  @Test
  void manyMatricesPassThroughOneTape() {
    try (Tape tape = Tape.inference()) {
      Variable h = tape.constant(Tensor.normal(rng, DType.FLOAT32, 0, 1, BATCH, SIZE));
      List<Tensor> matrices = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        matrices.add(Tensor.normal(rng, DType.FLOAT32, 0, 1, SIZE, SIZE));
      }
      for (int i = 0; i < 300; i++) {
        Tensor w = matrices.get(i * i % 150);
        assertThat(h.matmul(tape.constant(w)).value()).isEqualTo(h.value().matmul(w));
      }
    }
  }
}
