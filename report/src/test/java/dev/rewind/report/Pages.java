package dev.rewind.report;

import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A page with everything, of a model that learned nothing.
final class Pages {
  static final String MARKUP = "<img src=x onerror=alert(1)></script><script>alert(2)</script>&amp;\"'\t";
  static final String TEXT = (MARKUP + "\n").repeat(12);
  static final int[] SYMBOLS = TEXT.codePoints().distinct().sorted().toArray();
  static final int[] IDS = TEXT.codePoints().map(c -> Arrays.binarySearch(SYMBOLS, c)).toArray();
  static final List<String> SIGNS = IntStream.of(SYMBOLS).mapToObj(Character::toString).toList();
  static final StackedCell<LstmState> CELL = new StackedCell<>(List.of(new LstmCell(4, 6, Rng.of(1)),
      new LstmCell(6, 5, Rng.of(2))));
  static final Tensor TABLE = Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 2, SYMBOLS.length, 4);
  static final Tensor HEAD = Tensor.normal(Rng.of(4), DType.FLOAT32, 0, 3, 5, SYMBOLS.length);
  static final double[][] COURSE = {{1, 4.5, Double.NaN, 0.5}, {2, 3.25, Double.NaN, 0.75}, {3, 2.5, 2.75, 1},
      {4, 2.25, Double.NaN, 0.5}, {5, 2, 2.5, 0.25}};

  private Pages() {}

  static Activations seen() {
    return Activations.of(CELL, TABLE.gather(Tensor.wrap(IDS, IDS.length), 0));
  }

  static Predictions next() {
    return Predictions.of(seen().outputs(), h -> h.matmul(HEAD), IDS, 10);
  }

  static List<Finding> findings() {
    return Finding.among(seen(), Feature.ofText(TEXT.codePoints().toArray()), 4);
  }

  static Metrics metrics() {
    return new Metrics(List.of("iteration", "train_loss", "validation_loss", "gradient_norm"),
        Arrays.stream(COURSE).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  static Report report() {
    Map<String, String> stages = new LinkedHashMap<>();
    stages.put("cells", "[B, T, 5]");
    return Report.titled("A page about " + MARKUP).facts(Map.of("a fact", MARKUP)).training(metrics())
        .samples(List.of(new Report.Sample(3, MARKUP), new Report.Sample(5, "second")))
        .text("a text " + MARKUP, SIGNS, IDS, seen(), findings(), next()).embedding("all " + MARKUP, SIGNS, TABLE)
        .stages(stages)
        .parameters(CELL.namedParameters()).provenance(Map.of("by", MARKUP));
  }
}
