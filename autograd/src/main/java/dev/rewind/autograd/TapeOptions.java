package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Optional;
import java.util.function.BiConsumer;

/// What a tape carries besides its record: the explicit context of a run.
///
/// @param dtype the dtype to which watched parameters are converted; empty for their own
/// @param rng the source of random draws; without one, dropout and its like are an error on a tape that records
/// @param withoutRandomness whether dropout and its like do nothing, on purpose, where there is no source of draws
/// @param workspace buffers that outlive the tape
/// @param reusesValues whether values computed within a recurrence are gone when the tape is closed; see
///     [#reusingValues]
/// @param observer is shown every named variable as it is computed; see [Variable#named]
/// @param anomaly whether the first NaN or infinity is reported with the operation and the line that made it (slow)
public record TapeOptions(
    Optional<DType> dtype,
    Optional<Rng> rng,
    boolean withoutRandomness,
    Workspace workspace,
    boolean reusesValues,
    Optional<BiConsumer<String, Tensor>> observer,
    boolean anomaly) {
  /// Checks the dtype.
  ///
  /// @throws DTypeException if it is not floating: parameters would be cut to whole numbers
  public TapeOptions {
    dtype.filter(wanted -> !wanted.isFloating()).ifPresent(wanted -> {
      throw new DTypeException("tape options: parameters are FLOAT32 or FLOAT64, not " + wanted);
    });
  }

  /// Parameters in their own dtype, no source of randomness, a workspace of its own, no observer, no anomaly mode.
  public static TapeOptions defaults() {
    return new TapeOptions(Optional.empty(), Optional.empty(), false, new Workspace(), false, Optional.empty(), false);
  }

  /// These options with parameters converted to a dtype.
  public TapeOptions withDType(DType value) {
    return new TapeOptions(Optional.of(value), rng, withoutRandomness, workspace, reusesValues, observer, anomaly);
  }

  /// These options with random draws: training.
  public TapeOptions withRng(Rng value) {
    return new TapeOptions(dtype, Optional.of(value), false, workspace, reusesValues, observer, anomaly);
  }

  /// These options without random draws, on purpose: dropout and its like do nothing, as in an evaluation whose
  /// gradients are wanted.
  public TapeOptions deterministic() {
    return new TapeOptions(dtype, Optional.empty(), true, workspace, reusesValues, observer, anomaly);
  }

  /// These options with a workspace to be reused from tape to tape.
  public TapeOptions withWorkspace(Workspace value) {
    return new TapeOptions(dtype, rng, withoutRandomness, value, reusesValues, observer, anomaly);
  }

  /// These options with the memory of values used again: that of what the drivers of recurrences compute, outputs and
  /// states included, stays in the [#workspace] when the tape is closed, for the next tape, instead of being left to
  /// the garbage collector. Faster for cells of primitive operations. To read such a value after that, copy it before;
  /// gradients stay readable.
  ///
  /// ```java
  /// TapeOptions options = TapeOptions.defaults().reusingValues(); // one for all steps of a training
  /// ```
  public TapeOptions reusingValues() {
    return new TapeOptions(dtype, rng, withoutRandomness, workspace, true, observer, anomaly);
  }

  /// These options with an observer of named variables.
  public TapeOptions withObserver(BiConsumer<String, Tensor> value) {
    return new TapeOptions(dtype, rng, withoutRandomness, workspace, reusesValues, Optional.of(value), anomaly);
  }

  /// These options with anomaly mode.
  public TapeOptions withAnomalyDetection() {
    return new TapeOptions(dtype, rng, withoutRandomness, workspace, reusesValues, observer, true);
  }
}
