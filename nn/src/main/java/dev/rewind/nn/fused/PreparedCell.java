package dev.rewind.nn.fused;

/// A cell made ready to be stepped through without gradients: its weights as they were then, laid out for steps.
/// Immutable, so that sessions on any threads share it; what changes is in their [CellRun]s.
public interface PreparedCell {
  /// A run of a number of rows, in the state before the first step.
  CellRun run(int rows);
}
