package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// What recomputation keeps: as many states as there are segments, and one segment's nodes during the backward pass.
class RecomputationTest {
  private final Param weight = new Param("weight", Tensor.of(new double[] {0.9, -1.1, 0.5}));
  private static final Workspace.Kind<String, StringBuilder> KIND = Workspace.Kind.of(StringBuilder::new);
  private int mostNodes;

  @Test
  void memoryGrowsWithTheSquareRootOfTheLength() {
    int at100 = nodesOf(100, 10);
    int at10000 = nodesOf(10_000, 100);
    assertThat(at10000).isLessThan(11 * at100);
    assertThat(at10000).isLessThan(10_000 / 20);
  }

  @Test
  void tenThousandStepsHaveTheGradientOfThoseThatWereKept() {
    assertThat(gradient(10_000, 100)).isEqualTo(gradient(10_000, 10_000));
  }

  @Test
  void nestedSegmentsKeepLessAndGiveTheSame() {
    Tensor kept = gradient(1000, 1000);
    try (Tape tape = Tape.recording()) {
      Variable state = start(tape);
      for (int outer = 0; outer < 10; outer++) {
        state = tape.recompute(s -> {
          Variable inner = s;
          for (int k = 0; k < 10; k++) {
            inner = tape.recompute(v -> steps(v, 10), inner);
          }
          return inner;
        }, state);
      }
      assertThat(tape.length()).isEqualTo(10);
      assertThat(tape.gradients(state.sum()).of(weight)).isEqualTo(kept);
    }
  }

  /// What is made once in a segment is not there in the next, and what is made once later not when the backward pass
  /// comes back.
  @Test
  void whatStepsShareIsMadeAgainInEverySegment() {
    assertThat(sharing(true)).isEqualTo(sharing(false)).isNotEqualTo(Tensor.zeros(DType.FLOAT64, 3));
  }

  private Tensor sharing(boolean recomputes) {
    try (Tape tape = Tape.recording()) {
      Memo doubled = Memo.of(t -> t.watch(weight).times(2));
      UnaryOperator<Variable> step = s -> s.plus(doubled.on(tape)).square();
      Variable state = start(tape);
      for (int k = 0; k < 3; k++) {
        state = recomputes ? tape.recompute(step, state) : step.apply(state);
      }
      return tape.gradients(step.apply(state).sum()).of(weight);
    }
  }

  @Test
  void whatASegmentBorrowsIsFreeAfterIt() {
    try (Tape tape = Tape.recording()) {
      Set<Object> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
      UnaryOperator<Variable> step = s -> {
        buffers.add(tape.borrow(KIND, "key"));
        return s.times(tape.watch(weight));
      };
      Variable state = start(tape);
      for (int k = 0; k < 3; k++) {
        state = tape.recompute(step, state);
      }
      tape.gradients(state.sum());
      assertThat(buffers).hasSize(1);
    }
  }

  @Test
  void observersSeeEachLabelOnceWithTheNamesOfItsScopes() {
    List<String> seen = new ArrayList<>();
    try (Tape tape = Tape.recording(TapeOptions.defaults().withObserver((name, value) -> seen.add(name)))) {
      Variable y = tape.scope("1", () -> tape.recompute(
          s -> tape.scope("first", () -> s.times(tape.watch(weight)).named("h")), start(tape)));
      tape.gradients(y.named("out").sum());
    }
    assertThat(seen).containsExactly("1.first.h", "out");
  }

  private int nodesOf(int length, int segment) {
    mostNodes = 0;
    gradient(length, segment);
    return mostNodes;
  }

  private Tensor gradient(int length, int segment) {
    try (Tape tape = Tape.recording()) {
      Variable state = start(tape);
      for (int at = 0; at < length; at += segment) {
        state = segment == length ? steps(state, segment) : tape.recompute(s -> steps(s, segment), state);
      }
      return tape.gradients(List.of(state), List.of(Tensor.ones(DType.FLOAT64, 3)), Tape.Retain.NOTHING).of(weight);
    }
  }

  private static Variable start(Tape tape) {
    return tape.constant(Tensor.of(new double[] {0.1, 0.2, 0.3}));
  }

  private Variable steps(Variable state, int count) {
    Variable next = state;
    for (int i = 0; i < count; i++) {
      next = next.times(next.tape().watch(weight)).plus(0.1).tanh();
      mostNodes = Math.max(mostNodes, next.tape().length());
    }
    return next;
  }
}
