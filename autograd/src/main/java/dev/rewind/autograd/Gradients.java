package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The gradients of one target with respect to the parameters and variables that it depends on. A value: operations on it
/// return new ones.
public final class Gradients {
  private final Map<Parameter, Gradient> ofParameters;
  private final Map<Variable, Gradient> ofVariables;

  Gradients(Map<Parameter, Gradient> ofParameters, Map<Variable, Gradient> ofVariables) {
    this.ofParameters = Collections.unmodifiableMap(ofParameters);
    this.ofVariables = Collections.unmodifiableMap(ofVariables);
  }

  /// The parameters that the target depends on, in the order in which the tape first watched them.
  public Set<Parameter> parameters() {
    return ofParameters.keySet();
  }

  /// Whether the target depends on a parameter.
  public boolean has(Parameter parameter) {
    return ofParameters.containsKey(parameter);
  }

  /// The gradient of a parameter, of its shape.
  ///
  /// @throws IllegalArgumentException if the target does not depend on it
  public Tensor of(Parameter parameter) {
    return gradient(parameter).dense();
  }

  /// The gradient of a parameter, zeros if the target does not depend on it.
  public Tensor ofOrZero(Parameter parameter) {
    return has(parameter) ? of(parameter) : Tensor.zeros(parameter.dtype(), parameter.value().shape());
  }

  /// The gradient of a parameter in the form in which it came: whole, or by rows.
  ///
  /// @throws IllegalArgumentException if the target does not depend on it
  public Gradient gradient(Parameter parameter) {
    Gradient gradient = ofParameters.get(parameter);
    if (gradient == null) {
      throw new IllegalArgumentException("gradients: the target does not depend on parameter " + parameter);
    }
    return gradient;
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
    return gradient.dense();
  }

  /// Whether there is a gradient of this variable.
  public boolean has(Variable variable) {
    return ofVariables.containsKey(variable);
  }

  /// The sum of both; a parameter that only one has keeps its gradient.
  public Gradients plus(Gradients other) {
    return new Gradients(merged(ofParameters, other.ofParameters), merged(ofVariables, other.ofVariables));
  }

  private static <K> Map<K, Gradient> merged(Map<K, Gradient> a, Map<K, Gradient> b) {
    Map<K, Gradient> sum = new LinkedHashMap<>(a);
    b.forEach((key, gradient) -> sum.merge(key, gradient, Gradient::plus));
    return sum;
  }

  /// All gradients times a number.
  public Gradients times(double factor) {
    return map(g -> g.times(factor));
  }

  /// The Euclidean norm of all parameters' gradients taken as one vector.
  public double norm() {
    return Math.sqrt(ofParameters.values().stream().mapToDouble(g -> g.values().sumOfSquares()).sum());
  }

  /// These gradients scaled down to a norm of at most `limit` (Pascanu, Mikolov and Bengio 2013).
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
    return Stream.concat(ofParameters.values().stream(), ofVariables.values().stream())
        .allMatch(g -> g.values().isFinite().all().item() != 0);
  }

  /// These gradients in another dtype.
  public Gradients to(DType dtype) {
    return map(g -> g.to(dtype));
  }

  private Gradients map(UnaryOperator<Tensor> f) {
    return new Gradients(mapped(ofParameters, f), mapped(ofVariables, f));
  }

  private static <K> Map<K, Gradient> mapped(Map<K, Gradient> gradients, UnaryOperator<Tensor> f) {
    Map<K, Gradient> result = new LinkedHashMap<>();
    gradients.forEach((key, gradient) -> result.put(key, gradient.withValues(f.apply(gradient.values()))));
    return result;
  }

  @Override
  public String toString() {
    return "gradients of " + ofParameters.keySet() + " and " + ofVariables.size() + " variables";
  }
}
