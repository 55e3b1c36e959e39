package dev.rewind.nn.optim;

import dev.rewind.autograd.Param;
import dev.rewind.nn.names.Names;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Muon (Jordan 2024) for the matrices inside a model, [AdamW] for all other parameters: biases, embeddings and the
/// last projection. A matrix `[n, m]` moves by its momentum (Nesterov's), whose singular values are all brought near 1,
/// so that directions with small gradients are learned as fast as those with large ones:
///
/// ```
/// mean = momentum * mean + (1 - momentum) * gradient
/// X = momentum * mean + (1 - momentum) * gradient
/// X = X / (|X| + 1e-7)                                 |X| is the root of the sum of squares
/// X = 3.4445 X - 4.7750 X X'X + 2.0315 X X'X X'X       five times: Newton and Schulz
/// parameter -= rate * (decay * parameter + 0.2 sqrt(max(n, m)) * X)
/// ```
///
/// The factor `0.2 sqrt(max(n, m))` (Liu et al. 2025, "Muon is scalable for LLM training") makes elements move about as
/// far as AdamW's, so that both have one learning rate. The gates of a cell, `[4H, H]`, are one matrix.
///
/// ```java
/// Muon muon = new Muon(model.namedParameters(), "cells", 5e-3);      // the weights, not the biases, of all cells
/// ```
public final class Muon extends ElementwiseOptimizer {
  private final Options options;
  private final Set<Param> matrices;

  /// The options.
  ///
  /// @param momentum how much of the mean of a matrix's gradients stays, in `[0, 1)`
  /// @param others those of AdamW; their decay is that of the matrices, too
  public record Options(double momentum, Adam.Options others) {
    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if the momentum is out of range
    public Options {
      requireRange("the momentum", momentum, 1);
    }

    /// The usual: momentum 0.95, and [Adam.Options#defaults], which have no decay.
    public static Options defaults() {
      return new Options(0.95, Adam.Options.defaults());
    }
  }

  /// With [Options#defaults].
  ///
  /// @throws IllegalArgumentException as the other
  public Muon(Map<String, Param> parameters, String names, double learningRate) {
    this(parameters, names, learningRate, Options.defaults());
  }

  /// With options.
  ///
  /// @param names what [#rateFactor(String, double)] takes; of the parameters that they stand for, those of two axes
  ///     are the matrices
  /// @throws IllegalArgumentException if none of them is a matrix
  public Muon(Map<String, Param> parameters, String names, double learningRate, Options options) {
    this(parameters, learningRate, options, matrices(parameters, names));
  }

  private Muon(Map<String, Param> parameters, double learningRate, Options options, Set<Param> matrices) {
    super(parameters, learningRate, options, options.others.decay(),
        parameter -> matrices.contains(parameter) ? List.of("mean") : options.others.buffers());
    this.options = options;
    this.matrices = matrices;
  }

  private static Set<Param> matrices(Map<String, Param> parameters, String names) {
    Map<String, Param> all = new LinkedHashMap<>(parameters);
    Set<Param> matrices = Names.matching("Muon", names, all.keySet()).stream().map(all::get)
        .filter(parameter -> parameter.value().rank() == 2).collect(Collectors.toSet());
    if (matrices.isEmpty()) {
      throw new IllegalArgumentException("Muon: there is no matrix in '" + names + "'; AdamW is for all other shapes");
    }
    return matrices;
  }

  @Override
  boolean isWhole(Param parameter) {
    return matrices.contains(parameter);
  }

  @Override
  protected void update(float[] x, float[] g, float[][] buffers, int from, int to, Update how) {
    if (isWhole(how.parameter())) {
      move(Tensor.wrap(x), Tensor.wrap(g), Tensor.wrap(buffers[0]), how);
    } else {
      Adam.update(x, g, buffers, from, to, how, options.others, 0, how.decay());
    }
  }

  @Override
  protected void update(double[] x, double[] g, double[][] buffers, int from, int to, Update how) {
    if (isWhole(how.parameter())) {
      move(Tensor.wrap(x), Tensor.wrap(g), Tensor.wrap(buffers[0]), how);
    } else {
      Adam.update(x, g, buffers, from, to, how, options.others, 0, how.decay());
    }
  }

  private void move(Tensor x, Tensor g, Tensor mean, Update how) {
    int[] sizes = how.parameter().value().shape().sizes();
    Tensor gradient = matrix(g, sizes).times(how.scale() * (1 - options.momentum));
    Tensor kept = matrix(mean, sizes).timesInPlace(options.momentum).plusInPlace(gradient);
    Tensor direction = orthogonal(kept.times(options.momentum).plus(gradient));
    matrix(x, sizes).timesInPlace(1 - how.rate() * how.decay())
        .minusInPlace(direction.times(how.rate() * 0.2 * Math.sqrt(Math.max(sizes[0], sizes[1]))));
  }

  /// The start of an array, as a view.
  private static Tensor matrix(Tensor array, int[] sizes) {
    return array.slice(0, 0, sizes[0] * sizes[1]).reshape(sizes);
  }

  /// `x` with singular values of about 0.7 to 1.2. Products are of the smaller of its axes.
  private static Tensor orthogonal(Tensor x) {
    if (x.size(0) > x.size(1)) {
      return orthogonal(x.transpose()).transpose();
    }
    Tensor y = x.divide(x.norm().plus(1e-7));
    for (int i = 0; i < 5; i++) {
      Tensor square = y.matmul(y.transpose());
      y = y.times(3.4445).plus(square.times(-4.7750).plus(square.matmul(square).times(2.0315)).matmul(y));
    }
    return y;
  }
}
