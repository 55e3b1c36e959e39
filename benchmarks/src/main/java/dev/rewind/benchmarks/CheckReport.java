package dev.rewind.benchmarks;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.CheckResult;
import dev.rewind.autograd.check.FunctionCheck;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/// How long does a gradient check take, by the number of parameters? The gradient is that of an LSTM over 5 steps of 4
/// sequences, in float64, given to the check as a function of numbers: once as it is, and once with one element of the
/// wrong sign, which the check has to name. Arguments are sizes of the LSTM.
public final class CheckReport {
  private static final int BATCH = 4;
  private static final int STEPS = 5;
  private static final TapeOptions OPTIONS = TapeOptions.defaults().withDType(DType.FLOAT64);

  private final LstmCell cell;
  private final Tensor inputs;
  private int evaluations;

  private CheckReport(int hidden) {
    this.cell = new LstmCell(hidden, hidden, Rng.of(1));
    this.inputs = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, BATCH, STEPS, hidden);
  }

  /// Prints the table.
  public static void main(String[] arguments) {
    int[] sizes = arguments.length == 0 ? new int[] {8, 35, 112, 353}
        : Arrays.stream(arguments).mapToInt(Integer::parseInt).toArray();
    new CheckReport(sizes[0]).row(); // warms up
    System.out
        .println("| parameters | an evaluation, ms | evaluations, right | seconds | evaluations, one element wrong "
            + "| seconds |");
    System.out.println("|---|---|---|---|---|---|");
    for (int size : sizes) {
      System.out.println(new CheckReport(size).row());
    }
  }

  private String row() {
    int n = cell.namedParameters().values().stream().mapToInt(p -> p.value().elements()).sum();
    StringBuilder times = new StringBuilder();
    double perEvaluation = 0;
    for (int wrong : new int[] {-1, n / 2}) {
      evaluations = 0;
      long start = System.nanoTime();
      CheckResult result = check(n, wrong).run();
      double seconds = (System.nanoTime() - start) * 1e-9;
      if (result.passes() != wrong < 0) {
        throw new IllegalStateException(result.toString());
      }
      perEvaluation = 1e3 * seconds / evaluations;
      times.append(String.format(Locale.ROOT, " %d | %.1f |", evaluations, seconds));
    }
    return String.format(Locale.ROOT, "| %d | %.2f |%s", n, perEvaluation, times);
  }

  private FunctionCheck check(int n, int wrong) {
    double[] point = new double[n];
    Rng.of(3).fillNormal(point, 0, n, 0, 1 / Math.sqrt(cell.outputSize()));
    FunctionCheck check = GradientCheck.ofFunction(this::loss).against(x -> {
      double[] gradient = gradient(x);
      if (wrong >= 0) {
        gradient[wrong] *= -1;
      }
      return gradient;
    }).at(point).progress(System.err::println);
    for (Map.Entry<String, Param> parameter : cell.namedParameters().entrySet()) {
      check = check.parameter(parameter.getKey(), parameter.getValue().value().shape().sizes());
    }
    return check;
  }

  private Variable loss(Tape tape, double[] x) {
    int next = 0;
    for (Param parameter : cell.namedParameters().values()) {
      int end = next + parameter.value().elements();
      tape.bind(parameter, Tensor.wrap(Arrays.copyOfRange(x, next, end), parameter.value().shape().sizes()));
      next = end;
    }
    return Recurrence.scan(cell, tape.constant(inputs), cell.initialState(tape, BATCH)).outputs().square().sum();
  }

  private double loss(double[] x) {
    evaluations++;
    try (Tape tape = Tape.inference(OPTIONS)) {
      return loss(tape, x).item();
    }
  }

  private double[] gradient(double[] x) {
    try (Tape tape = Tape.recording(OPTIONS)) {
      Gradients gradients = tape.gradients(loss(tape, x));
      return cell.namedParameters().values().stream()
          .flatMapToDouble(parameter -> Arrays.stream(gradients.of(parameter).toDoubles())).toArray();
    }
  }
}
