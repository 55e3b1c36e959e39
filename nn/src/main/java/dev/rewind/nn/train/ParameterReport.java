package dev.rewind.nn.train;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What one step of an optimizer did to each parameter, for a training that does not learn.
///
/// ```java
/// Gradients gradients = tape.gradients(loss).clipByNorm(5);
/// IO.println(ParameterReport.of(model.namedParameters(), gradients, () -> adam.step(gradients)));
/// ```
///
/// The ratio of update to value is usually near 1e-3. If it is much higher, the learning rate is too high for this
/// parameter; if it is much lower, the parameter hardly learns. A gradient of 0 means that the loss does not depend on
/// it.
///
/// @param rows one for each parameter, in the order of the model
public record ParameterReport(List<Row> rows) {
  /// What happened to one parameter; norms are Euclidean.
  ///
  /// @param name its name in the model
  /// @param shape its shape
  /// @param value the norm before the step
  /// @param gradient the norm of its gradient as given, so after clipping; 0 if it has none
  /// @param update the norm of the difference that the step made
  public record Row(String name, Shape shape, double value, double gradient, double update) {
    /// The norm of the update divided by that of the value; infinite if the value was zero before.
    public double ratio() {
      return update == 0 ? 0 : update / value;
    }
  }

  /// Copies the list.
  public ParameterReport {
    rows = List.copyOf(rows);
  }

  /// Takes a step and reports on it. It copies all parameters: not for every iteration.
  ///
  /// @param parameters by name, such as a model's `namedParameters()`
  /// @param step takes one step with these gradients, of one optimizer or several
  public static ParameterReport of(Map<String, Param> parameters, Gradients gradients, Runnable step) {
    Map<String, Tensor> before = new LinkedHashMap<>();
    Map<String, Double> norms = new LinkedHashMap<>();
    parameters.forEach((name, p) -> {
      before.put(name, p.value().copy());
      norms.put(name, gradients.has(p) ? norm(gradients.of(p)) : 0);
    });
    step.run();
    List<Row> rows = new ArrayList<>();
    parameters.forEach((name, p) -> rows.add(new Row(name, p.value().shape(), norm(before.get(name)), norms.get(name),
        norm(p.value().minus(before.get(name))))));
    return new ParameterReport(rows);
  }

  private static double norm(Tensor x) {
    return Math.sqrt(x.sumOfSquares());
  }

  /// The row of a parameter.
  ///
  /// @throws IllegalArgumentException if there is no parameter of that name; the message lists those that exist
  public Row of(String name) {
    return rows.stream().filter(row -> row.name.equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("parameter report: no parameter " + name + ", but "
            + rows.stream().map(Row::name).toList()));
  }

  /// A table, with a line for each parameter.
  @Override
  public String toString() {
    int width = Math.max(9, rows.stream().mapToInt(row -> (row.name + " " + row.shape).length()).max().orElse(0));
    String line = "%-" + width + "s  %9s  %9s  %14s\n";
    StringBuilder table = new StringBuilder(
        line.formatted("parameter", "value", "gradient", "update / value"));
    for (Row row : rows) {
      table.append(line.formatted(row.name + " " + row.shape, shown(row.value), shown(row.gradient),
          shown(row.ratio())));
    }
    return table.toString();
  }

  private static String shown(double x) {
    return String.format(Locale.ROOT, "%.2e", x);
  }
}
