package dev.rewind.nn;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.Ids;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The last layer of a model of many symbols, which computes a loss of frequent ones fully, of rare ones in few
/// dimensions and only where they occur (Grave, Joulin, Cisse, Grangier and Jegou 2017). Symbols must be numbered from
/// the most frequent on. Those below the first cutoff are in the head, beside a place for each cluster `i`, the symbols
/// from cutoff `i` to the next:
///
/// ```
/// p(s) = softmax(x head')[s]                                                      s below the first cutoff
/// p(s) = softmax(x head')[first cutoff + i] softmax(x A(i)' B(i)')[s - cutoff i]   s of cluster i
/// ```
///
/// with `A(i)` of `inputs / division^(i + 1)` rows, rounded down. As PyTorch's `AdaptiveLogSoftmaxWithLoss`, whose
/// parameters have these names and shapes: `head.weight` `[first cutoff + clusters, inputs]`, `tail.i.0.weight` `A(i)`
/// and `tail.i.1.weight` `B(i)` `[symbols of the cluster, rows of A(i)]`.
public final class AdaptiveSoftmax extends Block implements Layer {
  private final int[] from; // the first symbol of each cluster, and the number of symbols
  private final Linear head;
  private final Sequential tail;

  /// Weights as [Linear] draws them. PyTorch's division is 4.
  ///
  /// @param cutoffs the first symbol of each cluster
  /// @throws IllegalArgumentException if cutoffs do not rise within `[1, symbols)`, or a cluster has no dimension left
  public AdaptiveSoftmax(int inputs, int symbols, int[] cutoffs, double division, Rng rng) {
    this.from = Arrays.copyOf(cutoffs, cutoffs.length + 1);
    from[cutoffs.length] = symbols;
    if (cutoffs.length == 0 || cutoffs[0] < 1
        || IntStream.range(0, cutoffs.length).anyMatch(i -> from[i] >= from[i + 1])) {
      throw new IllegalArgumentException(
          "adaptive softmax: cutoffs must rise within [1, " + symbols + "), not " + Arrays.toString(cutoffs));
    }
    this.head = child("head", Linear.withoutBias(inputs, cutoffs[0] + cutoffs.length, rng.split("head")));
    Layer[] clusters = new Layer[cutoffs.length];
    for (int i = 0; i < clusters.length; i++) {
      double rows = Math.floor(inputs / Math.pow(division, i + 1));
      if (!(rows >= 1 && rows <= inputs)) {
        throw new IllegalArgumentException("adaptive softmax: " + inputs + " inputs divided by " + division + " "
            + (i + 1) + " times must be in [1, " + inputs + "] for cluster " + i
            + "; give another division or fewer cutoffs");
      }
      Rng own = rng.split("tail").split(i);
      clusters[i] = new Sequential(Linear.withoutBias(inputs, (int) rows, own.split(0)),
          Linear.withoutBias((int) rows, from[i + 1] - from[i], own.split(1)));
    }
    this.tail = child("tail", new Sequential(clusters));
  }

  /// The mean over all positions, or over those where a mask is true, of `-log p(target)`, in nats. As in [Losses],
  /// what is masked does not matter, and without positions the loss is 0.
  ///
  /// @param hidden `[.., inputs]`
  /// @param targets INT32 `[..]`
  /// @param mask BOOL `[..]`, or none
  /// @throws ShapeException if the shapes do not fit
  /// @throws IndexOutOfBoundsException naming a target that is not a symbol, and its position
  public Variable loss(Variable hidden, Tensor targets, Tensor... mask) {
    Shape wanted = Shape.of(Arrays.copyOf(hidden.shape().sizes(), Math.max(0, hidden.rank() - 1)));
    if (hidden.rank() == 0 || !targets.shape().equals(wanted) || targets.dtype() != DType.INT32 || mask.length > 1) {
      throw new ShapeException("adaptive softmax: wants [.., inputs], targets INT32 [..] and at most one mask, not "
          + hidden.shape() + ", " + targets.dtype() + " " + targets.shape() + " and " + mask.length + " masks");
    }
    for (Tensor of : mask) {
      Losses.requireMask("adaptive softmax", wanted, of);
    }
    boolean[] kept = mask.length == 0 ? null : mask[0].toBooleans();
    int[] all = Ids.require("adaptive softmax: target", targets, kept, symbols());
    int[] positions = IntStream.range(0, all.length).filter(n -> kept == null || kept[n]).toArray();
    int[] symbols = Arrays.stream(positions).map(n -> all[n]).toArray();
    Variable x = at(positions, hidden.reshape(all.length, hidden.size(-1))); // [N, inputs]
    Variable loss = mean(head.forward(x), Arrays.stream(symbols).map(this::place).toArray());
    for (int i = 0; i < from.length - 1; i++) {
      int first = from[i];
      int end = from[i + 1];
      int[] own = IntStream.range(0, symbols.length).filter(n -> symbols[n] >= first && symbols[n] < end).toArray();
      Variable logits = tail.layers().get(i).forward(at(own, x)); // [those of the cluster, its symbols]
      Variable cluster = mean(logits, Arrays.stream(own).map(n -> symbols[n] - first).toArray());
      loss = loss.plus(cluster.times((double) own.length / Math.max(1, symbols.length)));
    }
    return Shapes.note(this, loss);
  }

  private static Variable at(int[] rows, Variable x) {
    return rows.length == x.size(0) ? x : x.gather(Tensor.of(rows, rows.length), 0);
  }

  private static Variable mean(Variable logits, int[] classes) {
    return Losses.crossEntropy(logits, Tensor.of(classes, classes.length));
  }

  /// Where a symbol is in the head: its own place or that of its cluster.
  private int place(int symbol) {
    int clusters = (int) Arrays.stream(from).filter(first -> first <= symbol).count();
    return clusters == 0 ? symbol : from[0] + clusters - 1;
  }

  /// The logarithms of the probabilities of all symbols, which also serve as logits: `[.., inputs]` to `[.., symbols]`.
  /// This computes everything, so it saves only what rare symbols have fewer dimensions.
  ///
  /// @throws ShapeException if the last axis has another size
  public Variable logProbabilities(Variable hidden) {
    Variable first = head.forward(hidden).logSoftmax(-1);
    List<Variable> parts = new ArrayList<>(List.of(first.slice(-1, 0, from[0])));
    for (int i = 0; i < from.length - 1; i++) {
      Variable cluster = first.slice(-1, from[0] + i, from[0] + i + 1);
      parts.add(tail.layers().get(i).forward(hidden).logSoftmax(-1).plus(cluster));
    }
    return Shapes.note(this, Variable.concat(-1, parts));
  }

  /// [#logProbabilities], so that whatever samples from logits takes this layer as its last.
  @Override
  public Variable forward(Variable hidden) {
    return logProbabilities(hidden);
  }

  /// The number of symbols.
  public int symbols() {
    return from[from.length - 1];
  }
}
