package dev.rewind.nn.optim;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// L-BFGS (Liu and Nocedal 1989), for small problems with a loss over all data: it has no learning rate, and needs far
/// fewer steps than gradient descent. It computes the loss itself, several times in a step if need be:
///
/// ```java
/// new Lbfgs(model.parameters(), 10).minimize(tape -> model.loss(tape, everything), 100);
/// ```
///
/// With `g` the gradient, `s` and `y` the changes of the parameters and of `g` in a step, and `d` a direction,
///
/// ```
/// H = (s' y / y' y) I, updated as in BFGS by the last steps, as many as the history is long
/// d = -H g                           in the first step -g / max(1, |g|)
/// parameters += t d                  with loss(t) <= loss(0) + 1e-4 t g' d and |g(t)' d| <= 0.9 |g' d|
/// ```
///
/// The last two are the strong Wolfe conditions: the first `t` to be tried is 1, then it is doubled or bisected. Sums
/// are in double. A loss in FLOAT32 is rounded, so that its minimum is found to fewer digits.
public final class Lbfgs {
  private static final double DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;
  private static final int TRIALS = 25; // of one line search, as PyTorch's

  private final List<Param> parameters;
  private final int history;
  private final double tolerance;

  /// What came of it.
  ///
  /// @param loss the loss of the parameters as they are now
  /// @param steps how often they changed
  /// @param evaluations how often the loss and its gradients were computed
  /// @param converged whether the gradient is within the tolerance; if not, and steps were left, rounding hides a
  ///     smaller loss
  public record Result(double loss, int steps, int evaluations, boolean converged) {}

  /// With a tolerance of 1e-7, as PyTorch's.
  public Lbfgs(List<Param> parameters, int history) {
    this(parameters, history, 1e-7);
  }

  /// With a history of some steps, 5 to 20 as a rule, and a tolerance for the largest element of the gradient.
  ///
  /// @throws IllegalArgumentException if the history is below 1, or the tolerance negative or not finite
  public Lbfgs(List<Param> parameters, int history, double tolerance) {
    if (history < 1) {
      throw new IllegalArgumentException("optimizer: the history must be at least 1, not " + history);
    }
    this.parameters = List.copyOf(parameters);
    this.history = history;
    this.tolerance = ElementwiseOptimizer.requireRange("the tolerance", tolerance, Double.POSITIVE_INFINITY);
  }

  /// Changes the parameters until the gradient is within the tolerance, but in that many steps at most. The loss is
  /// never larger than before, also if computing it throws.
  ///
  /// @param loss the same for the same parameters: no dropout, no other batch; it gets a `Tape.recording()`
  /// @throws NotFiniteException if the loss or its gradient is not finite to begin with
  /// @throws IllegalArgumentException naming parameters that have a gradient, are not this optimizer's and not frozen
  public Result minimize(Function<Tape, Variable> loss, int steps) {
    Run run = new Run(loss);
    Point now = run.at(flat(Param::value));
    double norm = Math.sqrt(dot(now.g, now.g));
    if (!Double.isFinite(now.loss + norm)) {
      throw new NotFiniteException("minimize: the loss is " + now.loss + ", the norm of its gradient " + norm
          + "; nothing was changed");
    }
    List<Change> changes = new ArrayList<>();
    double scale = 1 / Math.max(1, norm);
    int done = 0;
    try {
      for (; done < steps && !isConverged(now); done++) {
        Point next = run.search(now, inverse(now.g, changes, scale).negate());
        if (next == now) {
          break;
        }
        Tensor s = next.x.minus(now.x);
        Tensor y = next.g.minus(now.g);
        double curvature = dot(s, y);
        if (curvature > 0) {
          changes.add(new Change(s, y, curvature));
          changes.subList(0, Math.max(0, changes.size() - history)).clear();
          scale = curvature / dot(y, y);
        }
        now = next;
      }
    } finally {
      write(now.x);
    }
    return new Result(now.loss, done, run.evaluations, isConverged(now));
  }

  /// Parameters, one after another, with the loss and the gradient, all FLOAT64.
  private record Point(Tensor x, double loss, Tensor g) {}

  private record Change(Tensor s, Tensor y, double curvature) {}

  private final class Run {
    private final Function<Tape, Variable> loss;
    private int evaluations;

    Run(Function<Tape, Variable> loss) {
      this.loss = loss;
    }

    Point at(Tensor x) {
      evaluations++;
      write(x);
      try (Tape tape = Tape.recording()) {
        Variable value = loss.apply(tape);
        Gradients gradients = tape.gradients(value);
        ElementwiseOptimizer.requireKnown(gradients, parameters);
        return new Point(flat(Param::value), value.item(), flat(gradients::ofOrZero));
      }
    }

    /// The first point that fulfils both conditions; after too many trials a lower one, or the one it began at.
    Point search(Point from, Tensor d) {
      double initial = dot(from.g, d); // the derivative along d, as there
      Point lower = from;
      double low = 0; // there the loss has fallen enough, and falls on
      double high = Double.POSITIVE_INFINITY; // there it has not, or rises: between the two both conditions hold
      double t = 1;
      for (int trial = 0; trial < TRIALS; trial++) {
        Point next = at(from.x.plus(d.times(t)));
        double there = dot(next.g, d);
        // NaN is not lower
        if (!(next.loss <= from.loss + DECREASE * t * initial) || !(there <= -CURVATURE * initial)) {
          high = t;
        } else if (there < CURVATURE * initial) {
          low = t;
          lower = next;
        } else {
          return next;
        }
        t = high < Double.POSITIVE_INFINITY ? (low + high) / 2 : 2 * t;
      }
      return lower;
    }
  }

  /// `H g`: the update of the last change, of those before it, and at the end of `scale I`.
  private static Tensor inverse(Tensor g, List<Change> changes, double scale) {
    if (changes.isEmpty()) {
      return g.times(scale);
    }
    Change last = changes.getLast();
    double a = dot(last.s, g) / last.curvature;
    Tensor rest = inverse(g.minus(last.y.times(a)), changes.subList(0, changes.size() - 1), scale);
    return rest.plus(last.s.times(a - dot(last.y, rest) / last.curvature));
  }

  private boolean isConverged(Point point) {
    return point.g.abs().max().item() <= tolerance;
  }

  private void write(Tensor x) {
    int from = 0;
    for (Param parameter : parameters) {
      Tensor value = parameter.value();
      value.assign(x.slice(0, from, from + value.elements()).reshape(value.shape()).to(value.dtype()));
      from += value.elements();
    }
  }

  private Tensor flat(Function<Param, Tensor> of) {
    return Tensor.concat(0, parameters.stream().map(of).map(x -> x.to(DType.FLOAT64).reshape(-1)).toList());
  }

  private static double dot(Tensor a, Tensor b) {
    return a.times(b).sum().item();
  }
}
