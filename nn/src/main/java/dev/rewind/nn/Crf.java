package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.Ids;
import dev.rewind.nn.fused.Masks;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001), the last layer of a tagger (Huang, Xu
/// and Yu 2015): tags are scored with what stands beside them, and chosen together. The score of the tags `y` is
///
/// ```
/// start(y1) + x(1, y1) + transitions(y1, y2) + x(2, y2) + .. + x(T, yT) + end(yT)
/// ```
///
/// with `x` what the network says of every tag at every step, and their probability is the softmax over all sequences
/// of tags. Parameters have the names and shapes of the package pytorch-crf: `transitions` `[from, to]`,
/// `start_transitions` and `end_transitions` `[tags]`.
public final class Crf extends Block {
  private final int tags;
  private final Param transitions; // [from, to]
  private final Param start; // [tags]
  private final Param end; // [tags]

  /// Scores uniform within 0.1.
  ///
  /// @throws IllegalArgumentException if there is no tag
  public Crf(int tags, Rng rng) {
    if (tags < 1) {
      throw new IllegalArgumentException("crf: there must be at least 1 tag, not " + tags);
    }
    this.tags = tags;
    this.start = parameter("start_transitions", Init.uniform(rng.split("start_transitions"), 0.1, tags));
    this.end = parameter("end_transitions", Init.uniform(rng.split("end_transitions"), 0.1, tags));
    this.transitions = parameter("transitions", Init.uniform(rng.split("transitions"), 0.1, tags, tags));
  }

  /// The mean over all sequences of the negative log-likelihood of their tags, in nats. One of length 0 is left out.
  ///
  /// @param scores `[B, T, tags]`, of which padding does not matter
  /// @param targets INT32 `[B, T]`
  /// @param lengths of each sequence, `[B]`
  /// @throws ShapeException if the shapes do not fit
  /// @throws IndexOutOfBoundsException naming a target that is not a tag
  public Variable loss(Variable scores, Tensor targets, int[] lengths) {
    requireShapes(scores.value(), lengths);
    if (!targets.shape().equals(Shape.of(scores.size(0), scores.size(1))) || targets.dtype() != DType.INT32) {
      throw new ShapeException("crf: wants targets INT32 " + Shape.of(scores.size(0), scores.size(1)) + ", not "
          + targets.dtype() + " " + targets.shape());
    }
    Tensor real = mask(lengths, scores.size(1));
    Tensor known = Tensor.where(real, targets, Tensor.scalar(0));
    Ids.require("crf: target", known, null, tags);
    Variable x = Masks.kept(scores, real.unsqueeze(2));
    return Reduction.MEAN.of(all(x, lengths).minus(of(x, known, real, lengths)), reach(lengths, 0));
  }

  /// The logarithm of the sum over all sequences of tags, `[B]`: the forward recursion.
  private Variable all(Variable x, int[] lengths) {
    Tape tape = x.tape();
    Variable steps = tape.watch(transitions); // [from, to]
    Variable alpha = x.select(1, 0).plus(tape.watch(start)); // [B, tags]
    for (int t = 1; t < x.size(1); t++) {
      Variable next = alpha.unsqueeze(2).plus(steps).logSumExp(1).plus(x.select(1, t));
      alpha = Variable.where(reach(lengths, t).unsqueeze(1), next, alpha);
    }
    return alpha.plus(tape.watch(end)).logSumExp(1);
  }

  /// The scores of the tags that are known, `[B]`.
  private Variable of(Variable x, Tensor known, Tensor real, int[] lengths) {
    Tape tape = x.tape();
    int time = x.size(1);
    Variable own = Masks.kept(x.takeAlong(known.unsqueeze(2), 2).squeeze(2), real).sum(1);
    Tensor last = known.takeAlong(Tensor.of(Arrays.stream(lengths).map(n -> Math.max(n, 1) - 1).toArray(),
        lengths.length, 1), 1).squeeze(1);
    Variable ends = tape.watch(start).gather(known.select(1, 0), 0).plus(tape.watch(end).gather(last, 0));
    Tensor pairs = known.slice(1, 0, time - 1).times(Tensor.scalar(tags)).plus(known.slice(1, 1, time));
    Variable between = tape.watch(transitions).reshape(tags * tags).gather(pairs, 0); // [B, T - 1]
    return own.plus(ends).plus(Masks.kept(between, real.slice(1, 1, time)).sum(1));
  }

  /// The likeliest tags of each sequence (Viterbi 1967), as many as it is long; of equally likely ones the lower.
  ///
  /// @param scores `[B, T, tags]`, such as `logits.value()`
  /// @param lengths of each sequence, `[B]`
  /// @throws ShapeException if the shapes do not fit
  public int[][] tags(Tensor scores, int[] lengths) {
    requireShapes(scores, lengths);
    double[][] between = transitions.value().to(DType.FLOAT64).toDoubleRows();
    double[] first = start.value().toDoubles();
    double[] last = end.value().toDoubles();
    int[][] likeliest = new int[lengths.length][];
    for (int b = 0; b < lengths.length; b++) {
      double[][] own = scores.select(0, b).slice(0, 0, lengths[b]).to(DType.FLOAT64).toDoubleRows();
      likeliest[b] = own.length == 0 ? new int[0] : likeliest(own, between, first, last);
    }
    return likeliest;
  }

  private int[] likeliest(double[][] own, double[][] between, double[] first, double[] last) {
    int[][] before = new int[own.length][tags]; // the tag before each, on the best way to it
    double[] best = sum(first, own[0]); // of all ways that end in a tag
    for (int t = 1; t < own.length; t++) {
      double[] next = new double[tags];
      for (int to = 0; to < tags; to++) {
        for (int from = 1; from < tags; from++) {
          int so = before[t][to];
          before[t][to] = best[from] + between[from][to] > best[so] + between[so][to] ? from : so;
        }
        next[to] = best[before[t][to]] + between[before[t][to]][to] + own[t][to];
      }
      best = next;
    }
    double[] whole = sum(best, last);
    int[] way = new int[own.length];
    for (int tag = 1; tag < tags; tag++) {
      way[own.length - 1] = whole[tag] > whole[way[own.length - 1]] ? tag : way[own.length - 1];
    }
    for (int t = own.length - 1; t > 0; t--) {
      way[t - 1] = before[t][way[t]];
    }
    return way;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    Arrays.setAll(sum, i -> a[i] + b[i]);
    return sum;
  }

  private void requireShapes(Tensor scores, int[] lengths) {
    if (scores.rank() != 3 || scores.size(1) == 0 || scores.size(2) != tags || lengths.length != scores.size(0)) {
      throw new ShapeException("crf: wants scores [batch, time >= 1, " + tags + "] and a length for each sequence, not "
          + scores.shape() + " and " + lengths.length + " lengths");
    }
    for (int b = 0; b < lengths.length; b++) {
      if (lengths[b] < 0 || lengths[b] > scores.size(1)) {
        throw new IllegalArgumentException(
            "crf: sequence " + b + " has length " + lengths[b] + ", not one of 0 to " + scores.size(1));
      }
    }
  }

  /// Whether a step is one of the sequence: BOOL `[B]`.
  private static Tensor reach(int[] lengths, int step) {
    return Tensor.of(lengths, lengths.length).greater(step);
  }

  /// BOOL `[B, time]`.
  private static Tensor mask(int[] lengths, int time) {
    return Tensor.of(lengths, lengths.length, 1).greater(Tensor.arange(time));
  }
}
