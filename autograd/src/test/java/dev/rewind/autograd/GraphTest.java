package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphTest {
  private final Param weight = new Param("weight", Tensor.ones(DType.FLOAT32, 3, 2));

  private Variable record(Tape tape) {
    Variable x = tape.watch(Tensor.ones(DType.FLOAT32, 4, 3));
    return x.matmul(tape.watch(weight)).retainGradient().split(1, 2).getLast().tanh();
  }

  @Test
  void everyOperationIsALineWithTheShapesOfWhatItReadsAndGives() {
    try (Tape tape = Tape.recording()) {
      record(tape);
      assertThat(tape.describe()).hasToString("""
          #0        leaf       [4, 3]
          #1        parameter  weight [3, 2]
          #2        matmul     #0 [4, 3], weight [3, 2] -> [4, 2]
          #3..#4    split      #2 [4, 2] -> 2 x [4, 1]
          #5        tanh       #4 [4, 1] -> [4, 1]
          """);
    }
  }

  @Test
  void parametersHaveTheNamesOfTheModel() {
    try (Tape tape = Tape.recording()) {
      record(tape);
      Graph graph = tape.describe(Map.of("cells.0.weight_ih", weight));
      assertThat(graph.toString()).contains("#0 [4, 3], cells.0.weight_ih [3, 2] ->");
      assertThat(graph.leaves()).extracting(Graph.Leaf::isParameter).containsExactly(false, true);
    }
  }

  @Test
  void manyArgumentsAreAbridgedAndDifferentResultsListed() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.ones(DType.FLOAT32, 2));
      Variable.stack(0, Collections.nCopies(6, x)).split(0, new int[] {1, 5});
      assertThat(tape.describe().toString())
          .contains("stack      #0 [2], .. 4 more .., #0 [2] -> [6, 2]", "split      #1 [6, 2] -> [1, 2], [5, 2]");
    }
  }

  @Test
  void operationsLeavesAndParametersAreDrawn() {
    try (Tape tape = Tape.recording()) {
      record(tape);
      assertThat(tape.describe().graphviz()).isEqualTo("""
          digraph tape {
            rankdir=TB;
            node [shape=box];
            n0 [shape=ellipse, label="leaf [4, 3]"];
            n1 [shape=ellipse, label="weight [3, 2]"];
            n2 [label="matmul [4, 2]"];
            n0 -> n2;
            n1 -> n2;
            n3 [label="split 2 x [4, 1]"];
            n2 -> n3;
            n5 [label="tanh [4, 1]"];
            n3 -> n5;
          }
          """);
      assertThat(tape.describe().mermaid()).isEqualTo("""
          flowchart TB
            n0(["leaf [4, 3]"])
            n1(["weight [3, 2]"])
            n2["matmul [4, 2]"]
            n0 --> n2
            n1 --> n2
            n3["split 2 x [4, 1]"]
            n2 --> n3
            n5["tanh [4, 1]"]
            n3 --> n5
          """);
    }
  }

  @Test
  void quotesInNamesDoNotEndTheLabel() {
    Param odd = new Param("the \"odd\" \\ one", Tensor.ones(DType.FLOAT32, 1));
    try (Tape tape = Tape.recording()) {
      tape.watch(odd);
      assertThat(tape.describe().graphviz()).contains("label=\"the \\\"odd\\\" \\\\ one [1]\"");
      assertThat(tape.describe().mermaid()).contains("([\"the #quot;odd#quot; \\ one [1]\"])");
    }
  }

  @Test
  void nothingIsShownOfAnInference() {
    try (Tape tape = Tape.inference()) {
      tape.watch(Tensor.ones(DType.FLOAT32, 1)).exp();
      assertThat(tape.describe()).isEqualTo(new Graph(List.of(), List.of()));
    }
  }
}
