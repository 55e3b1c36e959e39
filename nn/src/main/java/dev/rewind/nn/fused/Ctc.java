package dev.rewind.nn.fused;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.Arrays;
import java.util.List;

/// Connectionist temporal classification (Graves, Fernandez, Gomez and Schmidhuber 2006) of one sequence, by the
/// forward and backward recursions over the labelling with blanks around and between its labels, in logarithms and in
/// double.
///
/// With `alpha[t][s]` the likelihood of all ways to stand at place `s` after step `t`, and `beta[t][s]` that of all
/// ways on from there, the gradient with respect to a logit is its softmax less the part of all alignments that emit
/// its class at that step (their equation 16). Higher orders are those of the forward recursion, operation by
/// operation.
public final class Ctc {
  private final double[] logs; // [time, classes], of the softmax
  private final int steps;
  private final int classes;
  private final int[] places; // blank, label, blank, label, .., blank
  private final int blank;

  private Ctc(double[] logits, int from, int steps, int classes, int[] labels, int blank) {
    this.logs = logSoftmax(Arrays.copyOfRange(logits, from, from + steps * classes), classes);
    this.steps = steps;
    this.classes = classes;
    this.blank = blank;
    this.places = new int[2 * labels.length + 1];
    Arrays.setAll(places, s -> s % 2 == 0 ? blank : labels[s / 2]);
  }

  /// The mean over all sequences.
  ///
  /// @param skips whether a sequence that is too short for its labels counts 0; else it is refused
  public static Variable mean(
      Variable logits, Tensor labels, int[] lengths, int[] labelLengths, int blank, boolean skips) {
    requireShapes(logits, labels, lengths, labelLengths, blank);
    int batch = logits.size(0);
    int time = logits.size(1);
    int classes = logits.size(2);
    int[][] labellings = new int[batch][];
    boolean[] possible = new boolean[batch];
    for (int b = 0; b < batch; b++) {
      labellings[b] = Arrays.copyOf(labels.select(0, b).toInts(), labelLengths[b]);
      int needed = needed(b, labellings[b], classes, blank);
      if (needed > lengths[b] && !skips) {
        throw new IllegalArgumentException("ctc: sequence " + b + " has " + lengths[b] + " steps, but its "
            + labelLengths[b] + " labels need " + needed + ", with a blank between equal ones");
      }
      possible[b] = needed <= lengths[b];
    }
    double[] x = logits.value().to(DType.FLOAT64).toDoubles();
    double[] gradients = new double[x.length];
    double[] losses = new double[batch];
    Threads.forEach(batch, b -> {
      int from = b * time * classes;
      losses[b] = !possible[b] ? 0
          : new Ctc(x, from, lengths[b], classes, labellings[b], blank).run(gradients, from, 1.0 / batch);
    });
    Tape tape = logits.tape();
    Tensor mean = Tensor.scalar(batch == 0 ? 0 : Arrays.stream(losses).sum() / batch).to(logits.dtype());
    Variable gradient = tape.constant(Tensor.wrap(gradients, logits.shape().sizes()).to(logits.dtype()));
    int[] steps = lengths.clone();
    return Op.recordFused("ctc", List.of(mean), List.of(logits),
        g -> List.of(tape.constant(scaled(gradient.value(), g.getFirst().item()))),
        () -> List.of(composite(logits, labellings, steps, possible, blank))).getFirst();
  }

  /// The definition, the forward recursion of all sequences by operations, for higher orders. Where there is no way,
  /// the logarithm of a likelihood is so low that its exponential is 0, and finite.
  private static Variable composite(
      Variable logits, int[][] labellings, int[] lengths, boolean[] possible, int blank) {
    int batch = logits.size(0);
    int time = logits.size(1);
    if (logits.value().elements() == 0) {
      return logits.sum();
    }
    int places = 2 * Arrays.stream(labellings).mapToInt(labels -> labels.length).max().orElse(0) + 1;
    int[] classes = new int[batch * places]; // blank, label, blank, .., and blanks beyond a labelling
    boolean[] skips = new boolean[batch * places]; // whether a place can be reached over the blank before it
    int[] ends = new int[2 * batch]; // the last blank and the last label
    boolean[] counts = new boolean[batch];
    boolean[] labelled = new boolean[2 * batch];
    for (int b = 0; b < batch; b++) {
      int[] labels = labellings[b];
      for (int s = 0; s < places; s++) {
        int at = b * places + s;
        classes[at] = s % 2 == 0 || s / 2 >= labels.length ? blank : labels[s / 2];
        skips[at] = s >= 2 && classes[at] != blank && classes[at] != classes[at - 2];
      }
      ends[2 * b] = 2 * labels.length;
      ends[2 * b + 1] = Math.max(0, 2 * labels.length - 1);
      labelled[2 * b] = true;
      labelled[2 * b + 1] = labels.length > 0;
      counts[b] = possible[b] && lengths[b] > 0;
    }
    Tensor reached = Tensor.of(lengths, batch, 1); // steps
    Tensor emitted = Tensor.wrap(classes, batch, 1, places).expand(batch, time, places);
    Variable low = logits.tape().constant(Tensor.scalar(-1e30).to(logits.dtype()));
    Variable logs = Masks.kept(logits, reached.greater(Tensor.arange(time)).unsqueeze(2)).logSoftmax(2)
        .takeAlong(emitted, 2); // [batch, time, places]
    Variable alpha = Variable.where(Tensor.arange(places).less(2), logs.select(1, 0), low); // [batch, places]
    for (int t = 1; t < time; t++) {
      Variable next = alpha.pad(1, 1, 0, -1e30).slice(1, 0, places);
      Variable over = Variable.where(Tensor.wrap(skips, batch, places), next.pad(1, 1, 0, -1e30).slice(1, 0, places),
          low);
      Variable ways = Variable.stack(0, List.of(alpha, next, over)).logSumExp(0);
      alpha = Variable.where(reached.greater(t), ways.plus(logs.select(1, t)), alpha);
    }
    Variable last = Variable.where(Tensor.wrap(labelled, batch, 2), alpha.takeAlong(Tensor.wrap(ends, batch, 2), 1),
        low);
    return Masks.kept(last.logSumExp(1).negate(), Tensor.wrap(counts, batch)).sum().divide(batch);
  }

  /// `x` times a number; zeros, as those of padding, stay zeros though it be infinite.
  private static Tensor scaled(Tensor x, double factor) {
    return Tensor.where(x.equalTo(0), x, x.times(factor));
  }

  private static void requireShapes(Variable logits, Tensor labels, int[] lengths, int[] labelLengths, int blank) {
    if (logits.rank() != 3 || labels.rank() != 2 || labels.size(0) != logits.size(0)
        || lengths.length != logits.size(0) || labelLengths.length != logits.size(0)) {
      throw new ShapeException(
          "ctc: logits " + logits.shape() + " with labels " + labels.shape() + ", " + lengths.length
              + " lengths and " + labelLengths.length
              + " label lengths; wants [batch, time, classes], [batch, labels], batch, batch");
    }
    if (labels.dtype() != DType.INT32 || !logits.dtype().isFloating()) {
      throw new DTypeException(
          "ctc: wants floating logits and INT32 labels, not " + logits.dtype() + " and " + labels.dtype());
    }
    if (blank < 0 || blank >= logits.size(2)) {
      throw new IllegalArgumentException("ctc: the blank " + blank + " is not in [0, " + logits.size(2) + ")");
    }
    for (int b = 0; b < lengths.length; b++) {
      requireLength("length", b, lengths[b], logits.size(1));
      requireLength("label length", b, labelLengths[b], labels.size(1));
    }
  }

  private static void requireLength(String what, int sequence, int length, int most) {
    if (length < 0 || length > most) {
      throw new IllegalArgumentException(
          "ctc: the " + what + " of sequence " + sequence + " is " + length + ", not in [0, " + most + "]");
    }
  }

  /// How many steps labels need.
  private static int needed(int sequence, int[] labels, int classes, int blank) {
    int needed = labels.length;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes || labels[i] == blank) {
        throw new IllegalArgumentException(
            "ctc: label " + labels[i] + " at [" + sequence + ", " + i + "] is not in [0, "
                + classes + ") without the blank " + blank);
      }
      needed += i > 0 && labels[i] == labels[i - 1] ? 1 : 0;
    }
    return needed;
  }

  private static double[] logSoftmax(double[] x, int classes) {
    for (int from = 0; from < x.length; from += classes) {
      double most = Double.NEGATIVE_INFINITY;
      for (int k = from; k < from + classes; k++) {
        most = Math.max(most, x[k]);
      }
      double sum = 0;
      for (int k = from; k < from + classes; k++) {
        sum += StrictMath.exp(x[k] - most);
      }
      double shift = most + StrictMath.log(sum);
      for (int k = from; k < from + classes; k++) {
        x[k] -= shift;
      }
    }
    return x;
  }

  /// The negative log-likelihood; adds its gradient times `weight` to `gradients[from ..]`.
  private double run(double[] gradients, int from, double weight) {
    if (steps == 0) {
      return 0;
    }
    double[][] alpha = forward();
    int last = places.length - 1;
    double[] beta = new double[places.length];
    Arrays.fill(beta, Double.NEGATIVE_INFINITY);
    beta[last] = 0;
    beta[Math.max(0, last - 1)] = 0;
    double likelihood = Double.NEGATIVE_INFINITY;
    for (int s = 0; s <= last; s++) {
      likelihood = logSum(likelihood, alpha[steps - 1][s] + beta[s]);
    }
    for (int t = steps - 1; t >= 0; t--) {
      for (int k = 0; k < classes; k++) {
        gradients[from + t * classes + k] += weight * StrictMath.exp(logs[t * classes + k]);
      }
      for (int s = 0; s <= last; s++) {
        gradients[from + t * classes + places[s]] -= weight * StrictMath.exp(alpha[t][s] + beta[s] - likelihood);
      }
      if (t > 0) {
        stepBack(beta, t);
      }
    }
    return -likelihood;
  }

  private double[][] forward() {
    double[][] alpha = new double[steps][places.length];
    for (int t = 0; t < steps; t++) {
      for (int s = 0; s < places.length; s++) {
        double ways = t == 0
            ? s < 2 ? 0 : Double.NEGATIVE_INFINITY
            : logSum(logSum(alpha[t - 1][s], s > 0 ? alpha[t - 1][s - 1] : Double.NEGATIVE_INFINITY),
                maySkipTo(s) ? alpha[t - 1][s - 2] : Double.NEGATIVE_INFINITY);
        alpha[t][s] = ways + logs[t * classes + places[s]];
      }
    }
    return alpha;
  }

  /// From `beta` after step `t` to that after the step before, in place: a place needs itself and those behind it.
  private void stepBack(double[] beta, int t) {
    for (int s = 0; s < places.length; s++) {
      double ways = beta[s] + logs[t * classes + places[s]];
      if (s + 1 < places.length) {
        ways = logSum(ways, beta[s + 1] + logs[t * classes + places[s + 1]]);
      }
      if (s + 2 < places.length && maySkipTo(s + 2)) {
        ways = logSum(ways, beta[s + 2] + logs[t * classes + places[s + 2]]);
      }
      beta[s] = ways;
    }
  }

  /// Whether the blank before a place may be left out: if the place has a label, other than the one before.
  private boolean maySkipTo(int s) {
    return s >= 2 && places[s] != blank && places[s] != places[s - 2];
  }

  /// `log(exp(a) + exp(b))`.
  private static double logSum(double a, double b) {
    double most = Math.max(a, b);
    return most == Double.NEGATIVE_INFINITY ? most : most + StrictMath.log1p(StrictMath.exp(-Math.abs(a - b)));
  }
}
