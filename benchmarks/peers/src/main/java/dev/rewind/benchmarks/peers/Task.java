package dev.rewind.benchmarks.peers;

/// What both sides do over and over again: the sizes that a [Workload] needs.
sealed interface Task {
  /// One training step of a character model: embedding, recurrent layers, projection, mean cross-entropy over all
  /// positions, backward pass, clipping of the global norm at 5, Adam. The state is carried over.
  ///
  /// @param layers L
  /// @param hidden H, also the size of the embedding
  /// @param batch B
  /// @param steps T
  /// @param fused the library's own LSTM, or else a cell that its user writes from primitive operations
  record Training(int layers, int hidden, int batch, int steps, boolean fused) implements Task {}

  /// A recurrent layer forwards over random vectors, and back from the mean of its outputs to weights and inputs.
  ///
  /// @param hidden H, inputs and units
  /// @param batch B
  /// @param steps T
  record Layer(Kind kind, int hidden, int batch, int steps) implements Task {
    enum Kind {
      LSTM, GRU, RNN
    }
  }

  /// Reading one symbol at batch 1 and choosing the likeliest next one, which is read next.
  ///
  /// @param layers L
  /// @param hidden H, also the size of the embedding
  record Sampling(int layers, int hidden) implements Task {}

  /// The matrix product `[rows, inner] by [inner, columns]`.
  record Product(int rows, int inner, int columns) implements Task {
    /// Floating-point operations, where a multiplication and an addition are two.
    long flops() {
      return 2L * rows * inner * columns;
    }
  }

  /// A chain of alternate products and sums of four numbers, on one tape.
  ///
  /// @param length how many operations
  /// @param backward whether their gradient is timed, or computing and recording them
  record Chain(int length, boolean backward) implements Task {}
}
