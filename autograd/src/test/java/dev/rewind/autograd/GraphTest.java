package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

class GraphTest {
  @Test
  void operationsLeavesAndParametersAreDrawnWithTheirShapes() {
    Param weight = new Param("weight", Tensor.ones(DType.FLOAT32, 3, 2));
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.ones(DType.FLOAT32, 4, 3));
      x.matmul(tape.watch(weight)).split(1, 2).getLast().tanh();
      assertThat(tape.graph()).isEqualTo("""
          digraph tape {
            rankdir=TB;
            node [shape=box];
            n0 [shape=ellipse, label="leaf [4, 3]"];
            n1 [shape=ellipse, style=bold, label="weight [3, 2]"];
            n2 [label="matmul [4, 2]"];
            n0 -> n2;
            n1 -> n2;
            n3 [label="split [4, 1] [4, 1]"];
            n2 -> n3;
            n5 [label="tanh [4, 1]"];
            n3 -> n5;
          }
          """);
    }
  }

  @Test
  void quotesInNamesDoNotEndTheLabel() {
    Param odd = new Param("the \"odd\" \\ one", Tensor.ones(DType.FLOAT32, 1));
    try (Tape tape = Tape.recording()) {
      tape.watch(odd);
      assertThat(tape.graph()).contains("label=\"the \\\"odd\\\" \\\\ one [1]\"");
    }
  }

  @Test
  void nothingIsDrawnOfAnInference() {
    try (Tape tape = Tape.inference()) {
      tape.watch(Tensor.ones(DType.FLOAT32, 1)).exp();
      assertThat(tape.graph()).doesNotContain("n0");
    }
  }
}
