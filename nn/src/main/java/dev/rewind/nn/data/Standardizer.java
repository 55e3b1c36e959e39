package dev.rewind.nn.data;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// Scales each of F features to mean 0 and deviation 1, and back. Compute it from the training part only, and apply it
/// to both:
///
/// ```java
/// Standardizer standardizer = Standardizer.of(split.training());
/// Tensor training = standardizer.apply(split.training());      // [N, F]
/// Tensor forecast = standardizer.invert(prediction.value());   // [B, horizon, F], in the units of the data
/// ```
///
/// To keep it with a model, save the two tensors.
///
/// @param mean FLOAT64 `[F]`
/// @param deviation FLOAT64 `[F]`, positive
public record Standardizer(Tensor mean, Tensor deviation) {
  /// Requires two tensors of the same shape.
  ///
  /// @throws ShapeException if they are not `[F]` both
  public Standardizer {
    if (mean.rank() != 1 || !mean.shape().equals(deviation.shape())) {
      throw new ShapeException(
          "standardizer: wants a mean and a deviation [F], not " + mean.shape() + " and " + deviation.shape());
    }
  }

  /// From the mean and the deviation (divided by N, not N - 1) of each feature. One that never changes becomes 0.
  ///
  /// @param training `[.., F]`, at least one row, finite
  /// @throws ShapeException if there are no rows
  /// @throws IllegalArgumentException naming the first feature that is not finite
  public static Standardizer of(Tensor training) {
    if (training.rank() < 2 || training.elements() == 0) {
      throw new ShapeException("standardizer: wants at least one row, [N, F], not " + training.shape());
    }
    Tensor rows = training.to(DType.FLOAT64).reshape(-1, training.size(-1)); // [N, F]
    double[] finite = rows.isFinite().all(0).to(DType.FLOAT64).toDoubles();
    for (int f = 0; f < finite.length; f++) {
      if (finite[f] == 0) {
        throw new IllegalArgumentException("standardizer: feature " + f + " has a NaN or an infinity");
      }
    }
    Tensor deviation = rows.variance(0).sqrt();
    Tensor least = rows.min(0);
    Tensor constant = rows.max(0).equalTo(least); // whose mean and deviation are rounded
    return new Standardizer(Tensor.where(constant, least, rows.mean(0)),
        Tensor.where(constant, Tensor.ones(DType.FLOAT64, deviation.shape()), deviation));
  }

  /// `(x - mean) / deviation`.
  ///
  /// @param x FLOAT32 or FLOAT64 `[.., F]`
  /// @return of the same dtype
  public Tensor apply(Tensor x) {
    return require(x).minus(mean).divide(deviation).to(x.dtype());
  }

  /// `x * deviation + mean`, the inverse of [#apply].
  ///
  /// @param x FLOAT32 or FLOAT64 `[.., F]`
  /// @return of the same dtype
  public Tensor invert(Tensor x) {
    return require(x).times(deviation).plus(mean).to(x.dtype());
  }

  /// The standardizer of some of the features, in the given order: for example of those that are predicted.
  public Standardizer features(int... features) {
    Tensor indices = Tensor.of(features, features.length);
    return new Standardizer(mean.gather(indices, 0), deviation.gather(indices, 0));
  }

  private Tensor require(Tensor x) {
    if (x.rank() == 0 || x.size(-1) != mean.size(0) || !x.dtype().isFloating()) {
      throw new ShapeException("standardizer: wants FLOAT32 or FLOAT64 [.., " + mean.size(0) + "], not " + x.dtype()
          + " " + x.shape());
    }
    return x.to(DType.FLOAT64);
  }
}
