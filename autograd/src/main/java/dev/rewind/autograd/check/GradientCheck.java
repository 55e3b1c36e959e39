package dev.rewind.autograd.check;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Compares the gradients that a tape computes with numerical ones, in float64.
///
/// ```java
/// GradientCheck.of(x -> x.tanh().sum()).at(input).secondOrder().run().assertPasses();
/// ```
///
/// The numerical derivative is the central difference at two step sizes with Richardson's extrapolation. A result that is
/// not a scalar is multiplied by fixed random numbers and summed. At second order the same is done to the inner product
/// of the gradient with fixed random numbers. An analytic value `a` and a numerical one `n` agree if
/// `|a - n| <= 1e-6 max(|a|, |n|) + 1e-8`. Inputs of FLOAT32 are converted. A function that computes in FLOAT32 all the
/// same, so that its result is FLOAT32, can only be checked roughly, to `2e-2 max(|a|, |n|) + 2e-3`, and the verdict warns
/// of it. Deterministic; instances are immutable.
public final class GradientCheck {
  private static final Precision FLOAT64 = new Precision(1e-3, 1e-6, 1e-8);
  private static final Precision FLOAT32 = new Precision(3e-2, 2e-2, 2e-3);
  private static final int MOST_ELEMENTS = 200;

  private final Function<List<Variable>, Variable> function;
  private final List<Tensor> inputs;
  private final List<Parameter> parameters;
  private final boolean second;
  private final boolean zeroAllowed;
  private final long seed;

  private GradientCheck(
      Function<List<Variable>, Variable> function, List<Tensor> inputs, List<Parameter> parameters, boolean second,
      boolean zeroAllowed, long seed) {
    this.function = function;
    this.inputs = inputs;
    this.parameters = parameters;
    this.second = second;
    this.zeroAllowed = zeroAllowed;
    this.seed = seed;
  }

  /// A check of a function of one variable.
  public static GradientCheck of(Function<Variable, Variable> function) {
    return ofMany(xs -> function.apply(xs.getFirst()));
  }

  /// A check of a function of several variables.
  public static GradientCheck ofMany(Function<List<Variable>, Variable> function) {
    return new GradientCheck(function, List.of(), List.of(), false, false, 1);
  }

  /// At these inputs, which are converted to FLOAT64.
  public GradientCheck at(Tensor... values) {
    List<Tensor> converted = Arrays.stream(values).map(t -> t.to(DType.FLOAT64).contiguous()).toList();
    return new GradientCheck(function, converted, parameters, second, zeroAllowed, seed);
  }

  /// Checks the gradients of these parameters too, which the function watches on the tape of its variables.
  public GradientCheck withParameters(List<Parameter> values) {
    return new GradientCheck(function, inputs, List.copyOf(values), second, zeroAllowed, seed);
  }

  /// Checks second derivatives as well.
  public GradientCheck secondOrder() {
    return new GradientCheck(function, inputs, parameters, true, zeroAllowed, seed);
  }

  /// Accepts a gradient that is zero everywhere, which otherwise fails: it mostly means that something was cut off.
  public GradientCheck allowingZeroGradient() {
    return new GradientCheck(function, inputs, parameters, second, true, seed);
  }

  /// With other random numbers.
  public GradientCheck seed(long value) {
    return new GradientCheck(function, inputs, parameters, second, zeroAllowed, value);
  }

  /// Runs the check: for every element of inputs and parameters, at most 200 of each, four evaluations of the function.
  ///
  /// @throws IllegalStateException if there are neither inputs nor parameters to differentiate by
  public Verdict run() {
    if (inputs.isEmpty() && parameters.isEmpty()) {
      throw new IllegalStateException("gradient check: nothing to differentiate by; say where with at(..)");
    }
    boolean rough = computesInFloat32();
    Precision precision = rough ? FLOAT32 : FLOAT64;
    Verdict first = check("gradient", precision, this::projected);
    Verdict verdict = first.passes() && second
        ? first.and(check("second derivative", precision, this::gradientProjected)) : first;
    return rough
        ? verdict.withWarning("the function computes in FLOAT32, which shows a wrong gradient only where it is far off")
        : verdict;
  }

  private boolean computesInFloat32() {
    try (Tape tape = tape()) {
      return function.apply(leaves(tape, point()).subList(0, inputs.size())).dtype() == DType.FLOAT32;
    }
  }

  // ---- the scalars that are differentiated --------------------------------------------------------------------------

  /// The step of the differences, and what is tolerated.
  private record Precision(double step, double relative, double absolute) {}

  private Variable projected(List<Variable> xs) {
    Variable y = function.apply(xs.subList(0, inputs.size()));
    if (y.dtype() == DType.FLOAT32) {
      y = y.to(DType.FLOAT64);
    }
    if (y.rank() == 0) {
      return y;
    }
    Tensor weights = Tensor.normal(Rng.of(seed).split("projection"), DType.FLOAT64, 0, 1, y.shape().sizes());
    return y.times(y.tape().constant(weights)).sum();
  }

  private Variable gradientProjected(List<Variable> xs) {
    Variable target = projected(xs);
    Tape tape = target.tape();
    List<Variable> gradients = tape.differentiate(target, xs);
    Variable sum = tape.constant(Tensor.scalar(0.0));
    for (int i = 0; i < xs.size(); i++) {
      Rng draws = Rng.of(seed).split("direction").split(i);
      Tensor direction = Tensor.normal(draws, DType.FLOAT64, 0, 1, xs.get(i).shape().sizes());
      sum = sum.plus(gradients.get(i).times(tape.constant(direction)).sum());
    }
    return sum;
  }

  // ---- the comparison -----------------------------------------------------------------------------------------------

  private List<Tensor> point() {
    List<Tensor> point = new ArrayList<>(inputs);
    parameters.forEach(p -> point.add(p.value().to(DType.FLOAT64).copy()));
    return point;
  }

  private String nameOf(int input) {
    return input < inputs.size() ? "input " + input : "parameter " + parameters.get(input - inputs.size()).name();
  }

  private Verdict check(String what, Precision precision, Function<List<Variable>, Variable> scalar) {
    List<Tensor> point = point();
    double value = value(scalar, point);
    if (Double.compare(value, value(scalar, point)) != 0) {
      return Verdict.failed(what + ": the function is not deterministic: two runs gave different values");
    }
    if (!Double.isFinite(value)) {
      return Verdict.failed(what + ": the function is " + value + " at this point");
    }
    List<Tensor> analytic = analytic(scalar, point);
    boolean zero = analytic.stream().allMatch(g -> g.sumOfSquares() == 0);
    if (zero && !zeroAllowed && point.stream().anyMatch(x -> x.elements() > 0)) {
      return Verdict.failed(what + ": zero everywhere; if that is right, say allowingZeroGradient()");
    }
    Verdict verdict = Verdict.passed();
    for (int i = 0; i < point.size(); i++) {
      for (int element : elements(point.get(i).elements(), i)) {
        double a = analytic.get(i).reshape(-1).at(element);
        verdict = verdict.and(compare(what + " of " + nameOf(i), precision, scalar, point, i, element, a));
      }
    }
    return verdict;
  }

  /// All elements, or a sample of a large tensor.
  private int[] elements(int n, int input) {
    return n <= MOST_ELEMENTS
        ? IntStream.range(0, n).toArray()
        : Arrays.copyOf(Rng.of(seed).split("elements").split(input).permutation(n), MOST_ELEMENTS);
  }

  private Verdict compare(
      String what, Precision precision, Function<List<Variable>, Variable> scalar, List<Tensor> point, int input,
      int element, double a) {
    Slopes slopes = slopes(precision.step, scalar, point, input, element);
    double n = slopes.extrapolated();
    double tolerated = precision.relative * Math.max(Math.abs(a), Math.abs(n)) + precision.absolute;
    List<Integer> index = Arrays.stream(point.get(input).shape().index(element)).boxed().toList();
    Verdict.Comparison comparison = new Verdict.Comparison(what, index, a, n, tolerated);
    String kink = "the function has a kink there: its slopes from both sides differ";
    if (Math.abs(a - n) <= tolerated) {
      Verdict agrees = Verdict.of(comparison);
      return slopes.isKink() ? agrees.withWarning(what + " at " + comparison.index() + ": " + kink) : agrees;
    }
    return Verdict.failed(comparison, slopes.isKink() ? "; " + kink : "");
  }

  private record Slopes(double wide, double narrow, double jumpWide, double jumpNarrow) {
    double extrapolated() {
      return (4 * narrow - wide) / 3;
    }

    /// The slopes from the left and from the right approach one another with the step, unless there is a kink.
    boolean isKink() {
      return Math.abs(jumpNarrow) > 0.75 * Math.abs(jumpWide) && Math.abs(jumpNarrow) > 1e-4 * (1 + Math.abs(narrow));
    }
  }

  private Slopes slopes(
      double step, Function<List<Variable>, Variable> scalar, List<Tensor> point, int input, int element) {
    double x = point.get(input).reshape(-1).at(element);
    double h = step * Math.max(1, Math.abs(x));
    double middle = value(scalar, point);
    double[] up = new double[2];
    double[] down = new double[2];
    for (int k = 0; k < 2; k++) {
      up[k] = value(scalar, moved(point, input, element, x + h / (k + 1)));
      down[k] = value(scalar, moved(point, input, element, x - h / (k + 1)));
    }
    return new Slopes((up[0] - down[0]) / (2 * h), (up[1] - down[1]) / h,
        (up[0] - 2 * middle + down[0]) / h, (up[1] - 2 * middle + down[1]) / (h / 2));
  }

  private static List<Tensor> moved(List<Tensor> point, int input, int element, double x) {
    List<Tensor> moved = new ArrayList<>(point);
    Tensor copy = point.get(input).copy();
    copy.doubleArray()[element] = x;
    moved.set(input, copy);
    return moved;
  }

  // ---- evaluation ---------------------------------------------------------------------------------------------------

  private double value(Function<List<Variable>, Variable> scalar, List<Tensor> point) {
    try (Tape tape = tape()) {
      return scalar.apply(leaves(tape, point)).item();
    }
  }

  private List<Tensor> analytic(Function<List<Variable>, Variable> scalar, List<Tensor> point) {
    try (Tape tape = tape()) {
      List<Variable> leaves = leaves(tape, point);
      Variable target = scalar.apply(leaves);
      Optional<Gradients> gradients = target.isTracked() ? Optional.of(tape.gradients(target)) : Optional.empty();
      return leaves.stream().map(leaf -> gradients.filter(g -> g.has(leaf)).map(g -> g.of(leaf))
          .orElseGet(() -> Tensor.zeros(DType.FLOAT64, leaf.shape()))).toList();
    }
  }

  private Tape tape() {
    return Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64).withRng(Rng.of(seed).split("function")));
  }

  private List<Variable> leaves(Tape tape, List<Tensor> point) {
    List<Variable> leaves = point.stream().map(tape::watch).toList();
    for (int i = 0; i < parameters.size(); i++) {
      tape.bind(parameters.get(i), leaves.get(inputs.size() + i));
    }
    return leaves;
  }
}
