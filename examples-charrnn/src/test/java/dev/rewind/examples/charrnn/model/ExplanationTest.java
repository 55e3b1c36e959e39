package dev.rewind.examples.charrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExplanationTest {
  private static final Vocabulary VOCABULARY = Vocabulary.of("ab<\n&");
  private static final Tensor IDS = Tensor.of(new int[][] {{0, 1, 2, 3}, {4, 0, 1, 0}}); // [2, 3 + 1]

  private static Explanation explain(CellKind cell) {
    return Explanation.of(CharRnn.of(new ModelOptions(cell, 5, 4, 6, 2, 0), Rng.of(1)), VOCABULARY, IDS);
  }

  @Test
  void everyOperationOfTheListFormIsALineWithItsShapes() {
    assertThat(explain(CellKind.LSTM).as(Explanation.Format.TEXT).lines().map(String::strip)).contains(
        "inputs \"ab<\"  targets \"b<\\n\"",
        "cells.0.weight_ih    [24, 4]                96  4 blocks of 6 rows: "
            + "input gate, forget gate, candidate, output gate",
        "#0        0.h [2, 6]", "#3        1.c [2, 6]",
        "#5        gather     embedding.weight [5, 4] -> [2, 3, 4]",
        "#6..#8    split      #5 [2, 3, 4] -> 3 x [2, 1, 4]",
        "#9        squeeze    #6 [2, 1, 4] -> [2, 4]",
        "carried to the next window, as numbers: the gradient is cut here", "0.h [2, 6]", "1.c [2, 6]");
  }

  @Test
  void laterStepsAreTheSameOperations() {
    assertThat(explain(CellKind.LSTM).sections()).extracting(Explanation.Section::lines)
        .anyMatch(lines -> lines.size() == 1 && lines.getFirst().endsWith("operations, on the state that step 1 gave"))
        .anyMatch(lines -> lines.size() == 1 && lines.getFirst().endsWith("operations, on the state that step 2 gave"));
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void everyKindOfCellIsExplained(CellKind cell) {
    Explanation explanation = explain(cell);
    assertThat(explanation.sections()).noneMatch(section -> section.lines().isEmpty());
    long inBlocks = explanation.sections().get(1).lines().stream().filter(line -> line.contains(" rows: ")).count();
    assertThat(inBlocks > 0).isEqualTo(!cell.blocks().isEmpty());
  }

  @Test
  void aWeightOfOtherBlocksThanTheInputsIsNotDividedLikeIt() {
    assertThat(explain(CellKind.RESET_BEFORE).sections().get(1).lines()) // two gates, and the candidate apart
        .anyMatch(line -> line.matches("cells.0.weight_hh +\\[12, 6\\] +72"));
  }

  @Test
  void thePageEscapesTheTextAndTheChartIsOfTheSameOperations() {
    Explanation explanation = explain(CellKind.GRU);
    assertThat(explanation.as(Explanation.Format.HTML)).contains("inputs \"ab&lt;\"", "&amp;ab").doesNotContain("ab<");
    assertThat(explanation.as(Explanation.Format.MERMAID)).startsWith("flowchart TB\n")
        .contains("[\"squeeze [2, 4]\"]");
  }
}
