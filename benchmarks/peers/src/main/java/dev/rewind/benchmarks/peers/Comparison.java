package dev.rewind.benchmarks.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Compares Rewind with PyTorch, and where a cell is its user's own with a graph of TensorFlow too, and prints one
/// table. For every case and peer: both sides must come to the same results from the same weights; then the peer's
/// settings are swept by short runs; then the best of them and Rewind run in turns, in processes of their own.
@Command(name = "peers", mixinStandardHelpOptions = true, description = "Compares Rewind with PyTorch and TensorFlow.")
public final class Comparison implements Callable<Integer> {
  private static final double TOLERANCE = 2e-5;
  private static final int FINALISTS = 3;

  @Option(names = "--cases", split = ",", description = "Which ones: a comma between two; all by default.")
  private List<Case> cases = List.of(Case.values());

  @Option(names = "--setting", description = "PyTorch's setting, instead of a sweep, such as "
      + "threads=2,blas=mkl,blas-threads=1.")
  private Setting setting;

  @Option(names = "--seconds", defaultValue = "6", description = "To measure each process; ${DEFAULT-VALUE} by "
      + "default.")
  private double seconds;

  @Option(names = "--warm-up", defaultValue = "4", description = "To warm each process up; ${DEFAULT-VALUE} by "
      + "default.")
  private double warmUp;

  @Option(names = "--sweep-seconds", defaultValue = "0.3", description = "To try a setting; ${DEFAULT-VALUE} by "
      + "default.")
  private double sweepSeconds;

  @Option(names = "--avx2", description = "Both sides on 256-bit vectors.")
  private boolean narrow;

  private Comparison() {}

  /// Compares.
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Comparison()).registerConverter(Case.class, Case::of)
        .registerConverter(Setting.class, Setting::parse).execute(arguments));
  }

  @Override
  public Integer call() {
    Table table = new Table();
    int status = 0;
    for (Case chosen : cases) {
      try {
        compare(chosen, chosen.title(), setting == null ? Setting.all(chosen) : List.of(setting), table);
        if (chosen.task() instanceof Task.Training training && !training.fused()) {
          compare(chosen, chosen.title() + ", TensorFlow graph", TensorFlowSetting.all(), table);
        }
      } catch (IOException e) { // the others go on
        System.err.println("peers: " + chosen.label() + " is left out: " + e.getMessage());
        status = 1;
      }
    }
    System.out.println(table);
    return status;
  }

  private void compare(Case chosen, String title, List<? extends Peer> peers, Table table) throws IOException {
    try (Child rewind = Child.rewind(chosen, narrow)) {
      double[] expected = rewind.check();
      List<Child> children = new ArrayList<>(List.of(rewind));
      try {
        for (Peer finalist : peers.size() == 1 ? peers : sweep(chosen, peers, expected)) {
          children.add(started(chosen, finalist, expected));
        }
        List<Race.Result> results = new Race(children).run(warmUp, seconds);
        Race.Result best = results.stream().filter(result -> result.child() != rewind)
            .min(Comparator.comparingLong(Race.Result::median)).orElseThrow(() -> new IOException("no setting of "
                + "the peer ran"));
        if (results.getFirst().child() != rewind) {
          throw new IOException("Rewind did not run");
        }
        table.add(chosen, title, results.getFirst(), best);
      } finally {
        children.forEach(Child::close);
      }
    }
  }

  /// Tries all settings, one after another; the best few.
  private List<Peer> sweep(Case chosen, List<? extends Peer> peers, double[] expected) {
    record Tried(Peer peer, long median) {}
    List<Tried> all = new ArrayList<>();
    for (Peer candidate : peers) {
      try (Child child = started(chosen, candidate, expected)) {
        for (Race.Result result : new Race(List.of(child)).run(sweepSeconds, sweepSeconds)) { // none, if it hung
          System.err.printf("peers: %s: %.2f %s, %s%n", chosen.label(),
              result.median() / chosen.unit().nanoseconds() / chosen.repeats(), chosen.unit().name(), candidate);
          all.add(new Tried(candidate, result.median()));
        }
      } catch (IOException e) {
        System.err.println("peers: " + e.getMessage());
      }
    }
    return all.stream().sorted(Comparator.comparingLong(Tried::median)).limit(FINALISTS).map(Tried::peer).toList();
  }

  /// A process of a peer whose first results are those that are expected.
  private Child started(Case chosen, Peer candidate, double[] expected) throws IOException {
    Child child = switch (candidate) {
      case Setting pytorch -> Child.pytorch(chosen, pytorch, narrow);
      case TensorFlowSetting tensorflow -> Child.tensorflow(chosen, tensorflow, narrow);
    };
    try {
      requireClose(chosen, child, expected, child.check());
      return child;
    } catch (IOException e) {
      child.close();
      throw e;
    }
  }

  private static void requireClose(Case chosen, Child child, double[] expected, double[] found) throws IOException {
    boolean close = expected.length == found.length;
    for (int i = 0; close && i < found.length; i++) {
      close = Math.abs(found[i] - expected[i]) <= TOLERANCE * Math.max(1, Math.abs(expected[i]));
    }
    if (!close) {
      throw new IOException(child.name() + ": " + chosen.label() + " gives " + Arrays.toString(found) + ", Rewind "
          + Arrays.toString(expected));
    }
  }
}
