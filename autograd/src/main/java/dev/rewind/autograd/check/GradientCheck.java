package dev.rewind.autograd.check;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Compares the gradients that a tape computes with numerical ones, in float64.
///
/// ```java
/// GradientCheck.of(x -> x.tanh().sum()).at(input).secondOrder().run().assertPasses();
/// ```
///
/// The numerical derivative is the central difference at two step sizes with Richardson's extrapolation. A result that
/// is not a scalar is multiplied by fixed random numbers and summed. At second order the same is done to the inner
/// product of the gradient with fixed random numbers. An analytic value `a` and a numerical one `n` agree if `|a - n|
/// <= 1e-6 max(|a|, |n|) + 1e-8`.
///
/// Where they do not, or a step leaves the domain of the function, smaller steps are taken and extrapolated with an
/// estimate of the error (Ridders 1982), which is tolerated in addition, up to ten times the above: a kink near by does
/// no harm. With a warning passes what lies between the derivatives from both sides at a kink, the derivative from
/// within at the end of the domain, and what is within the error where rounding hides the derivative.
///
/// Inputs of FLOAT32 are converted. A function that computes in FLOAT32 all the same, so that its result is FLOAT32,
/// can only be checked roughly, to `2e-2 max(|a|, |n|) + 2e-3`, and the verdict warns of it. Deterministic; instances
/// are immutable.
public final class GradientCheck {
  private static final Differences.Precision FLOAT64 = new Differences.Precision(1e-3, 1e-6, 1e-8, 0x1p-52);
  private static final Differences.Precision FLOAT32 = new Differences.Precision(3e-2, 2e-2, 2e-3, 0x1p-23);
  private static final int MOST_ELEMENTS = 200;

  private final Function<List<Variable>, Variable> function;
  private final List<Tensor> inputs;
  private final List<String> names; // of the inputs, or none
  private final Map<String, Param> parameters; // null if none were given
  private final boolean second;
  private final boolean zeroAllowed;
  private final long seed;

  private GradientCheck(
      Function<List<Variable>, Variable> function, List<Tensor> inputs, List<String> names,
      Map<String, Param> parameters, boolean second, boolean zeroAllowed, long seed) {
    this.function = function;
    this.inputs = inputs;
    this.names = names;
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
    return new GradientCheck(function, List.of(), List.of(), null, false, false, 1);
  }

  /// At these inputs, which are converted to FLOAT64.
  public GradientCheck at(Tensor... values) {
    List<Tensor> converted = Arrays.stream(values).map(t -> t.to(DType.FLOAT64).contiguous()).toList();
    return new GradientCheck(function, converted, names, parameters, second, zeroAllowed, seed);
  }

  /// Calls the inputs by these names, one for each, instead of `input 0` and so on.
  public GradientCheck named(String... inputNames) {
    return new GradientCheck(function, inputs, List.of(inputNames), parameters, second, zeroAllowed, seed);
  }

  /// Checks the gradients of these parameters too, which the function watches on the tape of its variables. They must
  /// be all that it watches but for frozen ones; others fail the check.
  public GradientCheck withParameters(List<Param> values) {
    Map<String, Param> named = new LinkedHashMap<>();
    for (Param value : values) {
      String name = value.name();
      for (int k = 1; named.containsKey(name); k++) {
        name = value.name() + " (" + k + ")";
      }
      named.put(name, value);
    }
    return withParameters(named);
  }

  /// The same for parameters by the names that the verdict is to use, such as a module's `namedParameters()`.
  public GradientCheck withParameters(Map<String, Param> values) {
    Map<String, Param> copy = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    return new GradientCheck(function, inputs, names, copy, second, zeroAllowed, seed);
  }

  /// Checks second derivatives as well.
  public GradientCheck secondOrder() {
    return new GradientCheck(function, inputs, names, parameters, true, zeroAllowed, seed);
  }

  /// Accepts a gradient that is zero everywhere, which otherwise fails: it mostly means that something was cut off.
  public GradientCheck allowingZeroGradient() {
    return new GradientCheck(function, inputs, names, parameters, second, true, seed);
  }

  /// With other random numbers.
  public GradientCheck seed(long value) {
    return new GradientCheck(function, inputs, names, parameters, second, zeroAllowed, value);
  }

  /// Runs the check: for every element of inputs and parameters, at most 200 of each, four evaluations of the function,
  /// and more where these do not agree with the gradient.
  ///
  /// @throws IllegalStateException if there are neither inputs nor parameters to differentiate by, or names are given
  ///     and not as many as inputs
  public CheckResult run() {
    if (inputs.isEmpty() && parameters().isEmpty()) {
      throw new IllegalStateException("gradient check: nothing to differentiate by; say where with at(..)");
    }
    if (!names.isEmpty() && names.size() != inputs.size()) {
      throw new IllegalStateException("gradient check: " + inputs.size() + " inputs, but the names " + names);
    }
    boolean rough = computesInFloat32();
    Differences.Precision precision = rough ? FLOAT32 : FLOAT64;
    CheckResult first = check("gradient", precision, false);
    CheckResult verdict = first.passes() && second ? first.and(check("second derivative", precision, true)) : first;
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

  /// The inner product of the gradient with fixed random numbers, recorded.
  private Variable gradientProjected(List<Variable> xs) {
    Variable target = projected(xs);
    Tape tape = target.tape();
    Variable sum = tape.constant(Tensor.scalar(0.0));
    if (target.isTracked()) {
      List<Variable> gradients = tape.differentiate(target, xs);
      for (int i = 0; i < xs.size(); i++) {
        sum = sum.plus(gradients.get(i).times(tape.constant(direction(i, xs.get(i)))).sum());
      }
    }
    return sum;
  }

  private Tensor direction(int i, Variable x) {
    return Tensor.normal(Rng.of(seed).split("direction").split(i), DType.FLOAT64, 0, 1, x.shape().sizes());
  }

  // ---- the comparison -----------------------------------------------------------------------------------------------

  private Map<String, Param> parameters() {
    return parameters == null ? Map.of() : parameters;
  }

  private List<Tensor> point() {
    List<Tensor> point = new ArrayList<>(inputs);
    parameters().values().forEach(p -> point.add(p.value().to(DType.FLOAT64).copy()));
    return point;
  }

  private List<String> names() {
    List<String> all = new ArrayList<>(names);
    IntStream.range(names.size(), inputs.size()).forEach(i -> all.add("input " + i));
    parameters().keySet().forEach(name -> all.add("parameter " + name));
    return all;
  }

  private CheckResult check(String what, Differences.Precision precision, boolean ofGradient) {
    List<Tensor> point = point();
    double value = value(ofGradient, point);
    if (Double.compare(value, value(ofGradient, point)) != 0) {
      return CheckResult.failed(what + ": the function is not deterministic: two runs gave different values");
    }
    if (!Double.isFinite(value)) {
      return CheckResult.failed(what + ": the function is " + value + " at this point");
    }
    Analytic analytic = analytic(ofGradient, point);
    CheckResult verdict = CheckResult.passed();
    if (!analytic.unchecked.isEmpty()) {
      String others = "the function uses parameters that are not checked, " + analytic.unchecked
          + ": give them to withParameters(..), register the part that they are of with child(..), or freeze them";
      if (parameters != null) {
        return CheckResult.failed(what + ": " + others);
      }
      verdict = verdict.withWarning(others);
    }
    List<String> names = names();
    List<String> cut = new ArrayList<>();
    for (int i = 0; i < point.size(); i++) {
      Tensor gradient = analytic.gradients.get(i).reshape(-1);
      CheckResult all = CheckResult.passed();
      for (int element : elements(point.get(i).elements(), i)) {
        all = all.and(compare(
            what + " of " + names.get(i), precision, ofGradient, point, value, i, element, gradient.at(element)));
      }
      boolean isKnown = all.worst().map(worst -> Double.isFinite(worst.numerical())).orElse(true);
      if (!all.passes() && isZero(gradient) && isKnown) {
        cut.add(names.get(i));
      }
      verdict = verdict.and(all);
    }
    if (!cut.isEmpty()) {
      return verdict
          .because(what + " of " + String.join(", ", cut) + ": the analytic one is zero everywhere, the numerical"
              + " one is not; is it cut off by stopGradient, by value(), or in a part that was not registered? Worst: "
              + verdict.reason());
    }
    boolean zero = !zeroAllowed && verdict.compared() > 0
        && analytic.gradients.stream().allMatch(GradientCheck::isZero);
    return zero && verdict.passes()
        ? CheckResult.failed(what + ": zero everywhere; if that is right, say allowingZeroGradient()") : verdict;
  }

  private static boolean isZero(Tensor gradient) {
    return gradient.sumOfSquares() == 0;
  }

  /// All elements, or a sample of a large tensor.
  private int[] elements(int n, int input) {
    return n <= MOST_ELEMENTS
        ? IntStream.range(0, n).toArray()
        : Arrays.copyOf(Rng.of(seed).split("elements").split(input).permutation(n), MOST_ELEMENTS);
  }

  private CheckResult compare(
      String what, Differences.Precision precision, boolean ofGradient, List<Tensor> point, double value, int input,
      int element, double analytic) {
    double x = point.get(input).reshape(-1).at(element);
    Differences.Finding finding = Differences.compare(
        moved -> value(ofGradient, moved(point, input, element, moved)), x, value, precision, analytic);
    List<Integer> index = Arrays.stream(point.get(input).shape().index(element)).boxed().toList();
    CheckResult.Comparison comparison = new CheckResult.Comparison(what, index, analytic, finding.numerical(),
        finding.tolerated());
    if (!finding.agrees()) {
      return CheckResult.failed(comparison, finding.remark().isEmpty() ? "" : "; " + finding.remark());
    }
    CheckResult agrees = CheckResult.of(comparison);
    return finding.remark().isEmpty() ? agrees : agrees.withWarning(what + " at " + index + ": " + finding.remark());
  }

  private static List<Tensor> moved(List<Tensor> point, int input, int element, double x) {
    List<Tensor> moved = new ArrayList<>(point);
    Tensor copy = point.get(input).copy();
    RawAccess.doubles(copy)[element] = x;
    moved.set(input, copy);
    return moved;
  }

  // ---- evaluation ---------------------------------------------------------------------------------------------------

  /// The value of the function, or of the inner product of its gradient with fixed random numbers, made a scalar.
  private double value(boolean ofGradient, List<Tensor> point) {
    try (Tape tape = tape()) {
      List<Variable> leaves = leaves(tape, point);
      Variable target = projected(leaves);
      if (!ofGradient) {
        return target.item();
      }
      List<Tensor> gradients = gradients(target, leaves).gradients;
      double sum = 0;
      for (int i = 0; i < leaves.size(); i++) {
        sum += gradients.get(i).times(direction(i, leaves.get(i))).sum().item();
      }
      return sum;
    }
  }

  /// @param gradients of all inputs and parameters
  /// @param unchecked other parameters that the function depends on
  private record Analytic(List<Tensor> gradients, Set<Param> unchecked) {}

  private Analytic analytic(boolean ofGradient, List<Tensor> point) {
    try (Tape tape = tape()) {
      List<Variable> leaves = leaves(tape, point);
      return gradients(ofGradient ? gradientProjected(leaves) : projected(leaves), leaves);
    }
  }

  private static Analytic gradients(Variable target, List<Variable> leaves) {
    Optional<Gradients> gradients = target.isTracked() ? Optional.of(target.tape().gradients(target))
        : Optional.empty();
    List<Tensor> all = leaves.stream().map(leaf -> gradients.filter(g -> g.has(leaf)).map(g -> g.of(leaf))
        .orElseGet(() -> Tensor.zeros(DType.FLOAT64, leaf.shape()))).toList();
    return new Analytic(all, gradients.map(Gradients::parameters).orElse(Set.of()));
  }

  private Tape tape() {
    return Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64).withRng(Rng.of(seed).split("function")));
  }

  private List<Variable> leaves(Tape tape, List<Tensor> point) {
    List<Variable> leaves = point.stream().map(tape::watch).toList();
    int next = inputs.size();
    for (Param parameter : parameters().values()) {
      tape.bind(parameter, leaves.get(next++));
    }
    return leaves;
  }
}
