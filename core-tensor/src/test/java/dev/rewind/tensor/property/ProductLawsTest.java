package dev.rewind.tensor.property;

import static dev.rewind.tensor.property.Elements.assertClose;
import static dev.rewind.tensor.property.Elements.build;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/// Matrix products against sums of products in double, and against the linear algebra of commons-math3.
class ProductLawsTest extends Laws {
  private static Tensor operand(DType dtype, boolean view, long seed, Integer... sizes) {
    return new Operand(dtype, List.of(sizes), view, false, seed).tensor();
  }

  private static DType dtype(boolean single) {
    return single ? DType.FLOAT32 : DType.FLOAT64;
  }

  /// What rounding may do to `k` products of numbers below 3.
  private static double tolerance(DType dtype, int k) {
    return (dtype == DType.FLOAT32 ? 1e-6 : 2e-15) * 9 * Math.max(1, k);
  }

  @Law
  void matmul(@ForAll boolean single, @ForAll boolean viewA, @ForAll boolean viewB, @ForAll @IntRange(max = 40) int n,
      @ForAll @IntRange(max = 70) int k, @ForAll @IntRange(max = 100) int m, @ForAll @IntRange(max = 1000) int seed) {
    DType dtype = dtype(single);
    Tensor a = operand(dtype, viewA, seed, n, k);
    Tensor b = operand(dtype, viewB, seed + 1, k, m);
    Tensor expected = build(dtype, new int[] {n, m},
        index -> IntStream.range(0, k).mapToDouble(i -> a.at(index[0], i) * b.at(i, index[1])).sum());
    assertClose("matmul", a.matmul(b), expected, 0, tolerance(dtype, k));
    Tensor columns = b.transpose().copy().transpose(); // the same matrix, laid out by columns
    Elements.assertSame("matmul of another layout", a.matmul(columns), a.matmul(b));
    Elements.assertSame("transposed matmul", a.transpose().copy().transpose().matmul(b), a.matmul(b));
  }

  @Law
  void matmulOfBatches(@ForAll boolean single, @ForAll boolean view, @ForAll @IntRange(max = 3) int p,
      @ForAll @IntRange(max = 3) int q, @ForAll @IntRange(max = 9) int n, @ForAll @IntRange(max = 9) int k,
      @ForAll @IntRange(max = 20) int m) {
    DType dtype = dtype(single);
    Tensor a = operand(dtype, view, 3, p, 1, n, k);
    Tensor b = operand(dtype, !view, 4, q, k, m);
    assertClose("matmul", a.matmul(b), build(dtype, new int[] {p, q, n, m}, i -> IntStream.range(0, k)
        .mapToDouble(j -> a.at(i[0], 0, i[2], j) * b.at(i[1], j, i[3])).sum()), 0, tolerance(dtype, k));
  }

  @Law
  void dot(@ForAll boolean single, @ForAll boolean view, @ForAll @IntRange(max = 200) int n,
      @ForAll @IntRange(max = 40) int m) {
    DType dtype = dtype(single);
    Tensor a = operand(dtype, view, 5, n);
    Tensor b = operand(dtype, !view, 6, n);
    assertClose("dot", a.dot(b), build(dtype, new int[0],
        index -> IntStream.range(0, n).mapToDouble(i -> a.at(i) * b.at(i)).sum()), 0, tolerance(dtype, n));
    Tensor matrix = operand(dtype, view, 7, n, m);
    Tensor expected = a.unsqueeze(0).matmul(matrix).squeeze(0);
    assertClose("vector by matrix", a.matmul(matrix), expected, 0, tolerance(dtype, n));
    assertClose("matrix by vector", matrix.transpose().matmul(a), expected, 0, tolerance(dtype, n));
  }

  @Law
  void outer(@ForAll boolean single, @ForAll boolean view, @ForAll @IntRange(max = 20) int n,
      @ForAll @IntRange(max = 20) int m) {
    Tensor a = operand(dtype(single), view, 5, n);
    Tensor b = operand(dtype(single), !view, 6, m);
    Elements.assertSame("outer", a.outer(b), build(a.dtype(), new int[] {n, m}, i -> a.at(i[0]) * b.at(i[1])));
  }

  // ---- commons-math3 ------------------------------------------------------------------------------------------------

  private static RealMatrix matrix(Tensor x) {
    return new Array2DRowRealMatrix(
        IntStream.range(0, x.size(0)).mapToObj(i -> x.select(0, i).toDoubles()).toArray(double[][]::new));
  }

  private static Tensor tensor(RealMatrix matrix) {
    return Tensor.of(matrix.getData());
  }

  @Law
  void productsOfDecompositionsAreTheMatrix(@ForAll boolean view, @ForAll @IntRange(min = 1, max = 20) int n,
      @ForAll @IntRange(min = 1, max = 20) int m, @ForAll @IntRange(max = 1000) int seed) {
    Tensor a = operand(DType.FLOAT64, view, seed, n, m);
    assertClose("product", a.matmul(a.transpose()), tensor(matrix(a).multiply(matrix(a).transpose())), 0, 1e-12);
    assertClose("norm", a.norm(), Tensor.scalar(matrix(a).getFrobeniusNorm()), 1e-14, 0);
    QRDecomposition qr = new QRDecomposition(matrix(a));
    assertClose("Q R", tensor(qr.getQ()).matmul(tensor(qr.getR())), a, 0, 1e-12);
    SingularValueDecomposition svd = new SingularValueDecomposition(matrix(a));
    assertClose("U S V'", tensor(svd.getU()).matmul(tensor(svd.getS())).matmul(tensor(svd.getVT())), a, 0, 1e-12);
    EigenDecomposition eigen = new EigenDecomposition(matrix(a.matmul(a.transpose())));
    Tensor rebuilt = tensor(eigen.getV()).matmul(tensor(eigen.getD())).matmul(tensor(eigen.getVT()));
    assertClose("V D V'", rebuilt, a.matmul(a.transpose()), 0, 1e-10);
  }
}
