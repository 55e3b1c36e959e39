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
/// @param rng the source of random draws; without one the run is an evaluation: dropout and zoneout do nothing
/// @param workspace buffers that outlive the tape
/// @param observer is shown every labelled variable as it is computed; see [Variable#labelled]
/// @param anomaly whether the first NaN or infinity is reported with the operation and the line that made it (slow)
public record TapeOptions(
    Optional<DType> dtype,
    Optional<Rng> rng,
    Workspace workspace,
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

  /// Parameters in their own dtype, no randomness, a workspace of its own, no observer, no anomaly mode.
  public static TapeOptions defaults() {
    return new TapeOptions(Optional.empty(), Optional.empty(), new Workspace(), Optional.empty(), false);
  }

  /// These options with parameters converted to a dtype.
  public TapeOptions withDType(DType value) {
    return new TapeOptions(Optional.of(value), rng, workspace, observer, anomaly);
  }

  /// These options with random draws: training.
  public TapeOptions withRng(Rng value) {
    return new TapeOptions(dtype, Optional.of(value), workspace, observer, anomaly);
  }

  /// These options with a workspace to be reused from tape to tape.
  public TapeOptions withWorkspace(Workspace value) {
    return new TapeOptions(dtype, rng, value, observer, anomaly);
  }

  /// These options with an observer of labelled variables.
  public TapeOptions withObserver(BiConsumer<String, Tensor> value) {
    return new TapeOptions(dtype, rng, workspace, Optional.of(value), anomaly);
  }

  /// These options with anomaly mode.
  public TapeOptions withAnomalyDetection() {
    return new TapeOptions(dtype, rng, workspace, observer, true);
  }
}
