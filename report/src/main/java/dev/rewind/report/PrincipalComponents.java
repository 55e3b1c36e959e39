package dev.rewind.report;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The directions in which points differ most, by which many dimensions are shown in two.
///
/// @param points in the new coordinates, FLOAT64 `[n, count]`; of each direction and its opposite, the one is taken
///     whose largest element is positive
/// @param shares of the variance along each direction, the largest first
public record PrincipalComponents(Tensor points, List<Double> shares) {
  private static final int SQUARINGS = 24;

  /// Copies the shares.
  public PrincipalComponents {
    shares = List.copyOf(shares);
  }

  /// Principal components of the rows of a matrix.
  ///
  /// @param rows `[n, d]`, n and d at least 1
  /// @param count how many, from 1 to d
  /// @throws ShapeException if it is not a matrix with elements
  /// @throws IllegalArgumentException for another count
  public static PrincipalComponents of(Tensor rows, int count) {
    if (rows.rank() != 2 || rows.elements() == 0) {
      throw new ShapeException("principal components: wants a matrix [n, d], not " + rows.shape());
    }
    if (count < 1 || count > rows.size(1)) {
      throw new IllegalArgumentException("principal components: of " + rows.size(1) + " dimensions there can be 1 to "
          + rows.size(1) + " components, not " + count);
    }
    Tensor wide = rows.to(DType.FLOAT64);
    Tensor centred = wide.minus(wide.meanKeepDims(0)); // [n, d]
    double total = centred.sumOfSquares();
    Tensor rest = centred.transpose().matmul(centred); // [d, d]
    List<Tensor> points = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      Tensor direction = dominant(rest);
      Tensor along = centred.matmul(direction); // [n, 1]
      double variance = along.sumOfSquares();
      rest = rest.minus(direction.matmul(direction.transpose()).times(variance));
      points.add(along);
      shares.add(total == 0 ? 0 : variance / total);
    }
    return new PrincipalComponents(Tensor.concat(1, points), shares);
  }

  /// The eigenvector of the largest eigenvalue of a symmetric matrix without negative ones, `[d, 1]`: in a high power
  /// of the matrix, which squaring it over and over gives, nothing else is left.
  private static Tensor dominant(Tensor matrix) {
    Tensor power = matrix;
    for (int i = 0; i < SQUARINGS; i++) {
      double largest = power.abs().max().item();
      if (largest == 0) {
        return Tensor.zeros(DType.FLOAT64, matrix.size(0), 1);
      }
      power = power.divide(largest);
      power = power.matmul(power);
    }
    int column = (int) power.norm(0).argmax(0).item();
    Tensor vector = power.slice(1, column, column + 1);
    double largest = vector.select(0, (int) vector.abs().argmax(0).item()).item();
    return vector.divide(Math.signum(largest) * Math.sqrt(vector.sumOfSquares()));
  }
}
