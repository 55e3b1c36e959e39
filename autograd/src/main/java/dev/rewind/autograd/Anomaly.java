package dev.rewind.autograd;

import dev.rewind.tensor.Tensor;
import java.util.List;

/// Anomaly mode: finds the operation and the user's line at which the first NaN or infinity appears.
final class Anomaly {
  private static final List<String> LIBRARY = List.of("java.", "dev.rewind.tensor.", "dev.rewind.autograd.",
      "dev.rewind.nn.");

  private Anomaly() {}

  /// Checks the result of an operation. Not within gradient rules: there [#checkGradient] names the operation whose
  /// rule it is.
  static void checkResult(Tape tape, String operation, String what, Tensor value) {
    if (tape.options().anomaly() && tape.running() == null) {
      check(operation, what, value, callersLine());
    }
  }

  private static void check(String operation, String what, Tensor value, String line) {
    if (value.dtype().isFloating() && value.isFinite().not().any().item() != 0) {
      throw new AnomalyException(operation + ": " + what + " of shape " + value.shape() + " has "
          + (value.isNaN().any().item() != 0 ? "NaN" : "infinity") + (line.isEmpty() ? "" : ", recorded at " + line));
    }
  }

  /// Checks what the running rule gave; the gradient with which a pass starts is the caller's.
  static void checkGradient(Variable g) {
    Node running = g.tape().running();
    if (g.tape().options().anomaly() && running != null) {
      check(running.operation, "a gradient", g.value(), running.line);
    }
  }

  /// The innermost frame outside the library, where one is wanted; else nothing.
  static String line(Tape tape) {
    return tape.options().anomaly() ? callersLine() : "";
  }

  private static String callersLine() {
    return StackWalker.getInstance().walk(frames -> frames
        .filter(frame -> LIBRARY.stream().noneMatch(name -> frame.getClassName().startsWith(name)))
        .findFirst().map(StackWalker.StackFrame::toString).orElse("an unknown line"));
  }
}
