package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// The gradients of one target with respect to the parameters and variables that it depends on. A value: operations on
/// it return new ones.
///
/// A factor, as that of clipping, is only noted: a gradient that is asked for is multiplied by it, and an optimizer,
/// which reads every element once anyway, multiplies in that pass by way of [#unscaled] and [#factor].
public final class Gradients {
  private final Map<Param, Gradient> ofParameters; // both still to be multiplied by the factor
  private final Map<Variable, Gradient> ofVariables;
  private final double factor;
  private final Norm norm; // without the factor

  Gradients(Map<Param, Gradient> ofParameters, Map<Variable, Gradient> ofVariables) {
    this.ofParameters = Collections.unmodifiableMap(ofParameters);
    this.ofVariables = Collections.unmodifiableMap(ofVariables);
    this.factor = 1;
    this.norm = new Norm(this.ofParameters);
  }

  private Gradients(Gradients unscaled, double factor) {
    this.ofParameters = unscaled.ofParameters;
    this.ofVariables = unscaled.ofVariables;
    this.factor = factor;
    this.norm = unscaled.norm;
  }

  /// The parameters that the target depends on, in the order in which the tape first watched them.
  public Set<Param> parameters() {
    return ofParameters.keySet();
  }

  /// The gradients of these parameters alone, as far as there are any, and those of variables: for one of several
  /// optimizers. What clipping noted stays; so clip by the norm of all before, or by that of the part after.
  ///
  /// ```java
  /// Gradients clipped = gradients.clipByNorm(5);
  /// ofEncoder.step(clipped.only(encoder.parameters()));
  /// ofDecoder.step(clipped.only(decoder.parameters()));
  /// ```
  public Gradients only(Collection<Param> parameters) {
    Map<Param, Gradient> some = new LinkedHashMap<>(ofParameters);
    some.keySet().retainAll(Set.copyOf(parameters));
    return new Gradients(some, ofVariables).times(factor);
  }

  /// Whether the target depends on a parameter.
  public boolean has(Param parameter) {
    return ofParameters.containsKey(parameter);
  }

  /// The gradient of a parameter, of its shape.
  ///
  /// @throws IllegalArgumentException if the target does not depend on it
  public Tensor of(Param parameter) {
    return gradient(parameter).dense();
  }

  /// The gradient of a parameter, zeros if the target does not depend on it.
  public Tensor ofOrZero(Param parameter) {
    return has(parameter) ? of(parameter) : Tensor.zeros(parameter.dtype(), parameter.value().shape());
  }

  /// The gradient of a parameter in the form in which it came: whole, or by rows.
  ///
  /// @throws IllegalArgumentException if the target does not depend on it
  public Gradient gradient(Param parameter) {
    return scaled(unscaled(parameter));
  }

  /// The gradient of a parameter before it is multiplied by [#factor].
  ///
  /// @throws IllegalArgumentException if the target does not depend on it
  public Gradient unscaled(Param parameter) {
    Gradient gradient = ofParameters.get(parameter);
    if (gradient == null) {
      throw new IllegalArgumentException("gradients: the target does not depend on parameter " + parameter);
    }
    return gradient;
  }

  /// By what [#unscaled] gradients are still to be multiplied.
  public double factor() {
    return factor;
  }

  private Gradient scaled(Gradient gradient) {
    return factor == 1 ? gradient : gradient.withValues(gradient.values().times(factor));
  }

  /// The gradient of a leaf, or of a variable that was told to [Variable#retainGradient].
  ///
  /// @throws IllegalArgumentException if there is none
  public Tensor of(Variable variable) {
    Gradient gradient = ofVariables.get(variable);
    if (gradient == null) {
      throw new IllegalArgumentException("gradients: none for this variable of shape " + variable.shape()
          + "; is it a leaf, or retained, and does the target depend on it?");
    }
    return scaled(gradient).dense();
  }

  /// Whether there is a gradient of this variable.
  public boolean has(Variable variable) {
    return ofVariables.containsKey(variable);
  }

  /// The sum of both; a parameter that only one has keeps its gradient.
  public Gradients plus(Gradients other) {
    Gradients a = map(g -> g);
    Gradients b = other.map(g -> g);
    return new Gradients(merged(a.ofParameters, b.ofParameters), merged(a.ofVariables, b.ofVariables));
  }

  private static <K> Map<K, Gradient> merged(Map<K, Gradient> a, Map<K, Gradient> b) {
    Map<K, Gradient> sum = new LinkedHashMap<>(a);
    b.forEach((key, gradient) -> sum.merge(key, gradient, Gradient::plus));
    return sum;
  }

  /// All gradients times a number.
  public Gradients times(double number) {
    return new Gradients(this, factor * number);
  }

  /// The Euclidean norm of all parameters' gradients taken as one vector; computed once.
  public double norm() {
    return Math.abs(factor) * norm.get();
  }

  /// These gradients scaled down to a norm of at most `limit` (Pascanu, Mikolov and Bengio 2013): where their norm is
  /// larger, by `limit / norm`. (PyTorch's `clip_grad_norm_` divides by `norm + 1e-6`, so that its result is a little
  /// shorter.) Those with a NaN or an infinity have no such norm, and keep an element that is NaN or infinite.
  ///
  /// @throws IllegalArgumentException if the limit is not positive
  public Gradients clipByNorm(double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("clipByNorm: the limit must be positive, not " + limit);
    }
    double norm = norm();
    return norm > limit ? times(limit / norm) : this;
  }

  /// These gradients with every element moved into `[-limit, limit]`.
  ///
  /// @throws IllegalArgumentException if the limit is not positive
  public Gradients clipByValue(double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("clipByValue: the limit must be positive, not " + limit);
    }
    return map(g -> g.clamp(-limit, limit));
  }

  /// Whether no element is NaN or infinite.
  public boolean areFinite() {
    Gradients all = map(g -> g);
    return all.ofParameters.values().stream().allMatch(Gradient::isFinite)
        && all.ofVariables.values().stream().allMatch(Gradient::isFinite);
  }

  /// These gradients in another dtype.
  public Gradients to(DType dtype) {
    return map(g -> g.to(dtype));
  }

  private Gradients map(UnaryOperator<Tensor> f) {
    return new Gradients(mapped(ofParameters, f), mapped(ofVariables, f));
  }

  private <K> Map<K, Gradient> mapped(Map<K, Gradient> gradients, UnaryOperator<Tensor> f) {
    Map<K, Gradient> result = new LinkedHashMap<>();
    gradients.forEach((key, gradient) -> result.put(key, gradient.withValues(f.apply(scaled(gradient).values()))));
    return result;
  }

  @Override
  public String toString() {
    return "gradients of " + ofParameters.keySet() + " and " + ofVariables.size() + " variables";
  }

  /// The norm of all elements, computed when first asked for, and again if a tensor was changed since. Squares of
  /// blocks of a size of their own are shared out over threads and added in order.
  private static final class Norm {
    private static final int BLOCK = 1 << 15;
    private static final double LEAST_SQUARES = 0x1p-960; // below it squares of doubles lose digits

    private record Found(double value, long versions) {}

    private final Map<Param, Gradient> gradients;
    private volatile Found found;

    Norm(Map<Param, Gradient> gradients) {
      this.gradients = gradients;
    }

    double get() {
      long versions = gradients.values().stream().mapToLong(g -> g.values().version()).sum();
      Found known = found;
      if (known == null || known.versions != versions) {
        known = new Found(compute(), versions);
        found = known;
      }
      return known.value;
    }

    private double compute() {
      List<Tensor> blocks = new ArrayList<>();
      for (Gradient gradient : gradients.values()) {
        Tensor row = gradient.values().reshape(gradient.values().elements());
        for (int from = 0; from < row.elements(); from += BLOCK) {
          blocks.add(row.slice(0, from, Math.min(row.elements() - from, BLOCK) + from));
        }
      }
      double[] sums = new double[blocks.size()];
      if (blocks.stream().mapToLong(Tensor::elements).sum() <= 2 * BLOCK) {
        Arrays.setAll(sums, i -> blocks.get(i).sumOfSquares());
      } else {
        Threads.forEach(sums.length, i -> sums[i] = blocks.get(i).sumOfSquares());
      }
      double sum = Arrays.stream(sums).sum();
      return sum >= LEAST_SQUARES && sum < Double.POSITIVE_INFINITY ? Math.sqrt(sum) : normOfNorms(blocks);
    }

    /// The same where squares are out of the range of double.
    private static double normOfNorms(List<Tensor> blocks) {
      double[] norms = blocks.stream().mapToDouble(block -> block.to(DType.FLOAT64).norm().item()).toArray();
      return Tensor.of(norms).norm().item();
    }
  }
}
