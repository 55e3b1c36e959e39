package dev.rewind.nn.fused;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.Unary;
import dev.rewind.tensor.kernel.recurrent.RecurrentKernels;

/// Functions of rows of float arrays, by the kernels in use: the one door from this module to those of the tensors.
/// Each reads `n` elements of its operands, which begin at the offsets behind them, and writes those of `y`, which may
/// be the same range as an operand.
final class Floats {
  private Floats() {}

  /// `y = x * factor + shift`, rounded twice.
  static void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    Kernels.active().maps().affine(x, xo, factor, shift, y, yo, n);
  }

  static void exp(float[] x, int xo, float[] y, int yo, int n) {
    Kernels.active().maps().unary(Unary.EXP, x, xo, y, yo, n);
  }

  static void log1p(float[] x, int xo, float[] y, int yo, int n) {
    Kernels.active().maps().unary(Unary.LOG1P, x, xo, y, yo, n);
  }

  static void negate(float[] x, int xo, float[] y, int yo, int n) {
    Kernels.active().maps().unary(Unary.NEGATE, x, xo, y, yo, n);
  }

  static void softplus(float[] x, int xo, float[] y, int yo, int n) {
    Kernels.active().maps().unary(Unary.SOFTPLUS, x, xo, y, yo, n);
  }

  static void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    Kernels.active().maps().unary(Unary.SIGMOID, x, xo, y, yo, n);
  }

  static void tanh(float[] x, int xo, float[] y, int yo, int n) {
    Kernels.active().maps().unary(Unary.TANH, x, xo, y, yo, n);
  }

  static void plus(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    Kernels.active().maps().binary(Binary.PLUS, a, ao, b, bo, y, yo, n);
  }

  static void minus(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    Kernels.active().maps().binary(Binary.MINUS, a, ao, b, bo, y, yo, n);
  }

  static void times(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    Kernels.active().maps().binary(Binary.TIMES, a, ao, b, bo, y, yo, n);
  }

  /// `y = a * b * (1 - b)`.
  static void sigmoidBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    Kernels.active().maps().binary(Binary.SIGMOID_BACKWARD, a, ao, b, bo, y, yo, n);
  }

  static float max(float[] x, int xo, int n) {
    return Kernels.active().reductions().max(x, xo, 1, n);
  }

  static double sum(float[] x, int xo, int n) {
    return Kernels.active().reductions().sum(x, xo, 1, n);
  }

  static double sumOfProducts(float[] a, int ao, float[] b, int bo, int n) {
    return Kernels.active().reductions().sumOfProducts(a, ao, b, bo, n);
  }

  /// The sum of the squares of `x - centre`.
  static double sumOfSquares(float[] x, int xo, double centre, int n) {
    return Kernels.active().reductions().sumOfSquares(x, xo, 1, n, centre);
  }

  /// Steps of LSTMs and gated recurrent units.
  static RecurrentKernels recurrent() {
    return Kernels.active().recurrent();
  }
}
