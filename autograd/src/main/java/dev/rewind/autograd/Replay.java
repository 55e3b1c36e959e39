package dev.rewind.autograd;

import dev.rewind.tensor.Rng;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Runs a stretch of a computation a second time, in the backward pass: one of which nothing was kept, or the composite
/// form of a fused operation.
final class Replay {
  private Replay() {}

  /// The results of `f`, for which one node stands on the tape, whatever `f` records.
  static List<Variable> record(Tape tape, Supplier<List<Variable>> f) {
    int lent = tape.loans.count();
    if (!tape.isRecording()) {
      List<Variable> results = f.get();
      tape.loans.giveBack(lent);
      return results;
    }
    Optional<Rng.State> draws = tape.options().rng().map(Rng::state);
    int mark = tape.length();
    List<Variable> results = tape.recordApart(f);
    List<Node> stretch = tape.nodes.subList(mark, tape.length());
    Node node = stretch.isEmpty() ? null : new Node.Checkpoint(tape.slots(), results, stretch, f, draws);
    stretch.clear();
    tape.loans.giveBack(lent);
    return node == null ? results : tape.append(node, results.stream().map(Variable::value).toList());
  }

  /// Records the stretch again, with the draws that it made before, and passes the gradients of its node through it.
  static void backward(BackwardPass pass, Node node, Supplier<List<Variable>> f, Optional<Rng.State> draws) {
    Tape tape = pass.tape;
    int mark = tape.length();
    int lent = tape.loans.count();
    List<Variable> results = withDraws(tape, draws, f);
    int end = tape.length();
    if (results.size() != node.results) {
      throw new IllegalStateException(
          node.operation + ": gave " + node.results + " results and then " + results.size());
    }
    pass.follow(mark, end);
    for (int i = 0; i < node.results; i++) {
      Variable g = pass.take(node.slot + i);
      if (g != null) {
        pass.start(results.get(i), g);
      }
    }
    pass.run(mark, end);
    if (!(pass instanceof BackwardPass.Recorded)) { // whose nodes serve higher orders
      tape.nodes.subList(mark, end).clear();
      tape.loans.giveBack(lent);
    }
  }

  private static List<Variable> withDraws(Tape tape, Optional<Rng.State> draws, Supplier<List<Variable>> f) {
    Optional<Rng> rng = tape.options().rng();
    Optional<Rng.State> now = rng.map(Rng::state);
    try {
      draws.ifPresent(state -> rng.orElseThrow().restore(state));
      return tape.recordApart(f);
    } finally {
      now.ifPresent(state -> rng.orElseThrow().restore(state));
    }
  }
}
