package dev.rewind.benchmarks;

import dev.rewind.benchmarks.MatmulBenchmark.Product;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs the benchmarks of kernels and prints what they mean: products in GFLOP/s and as a share of what the machine can
/// do in registers, those of one row in bytes read, functions in nanoseconds an element, what the second thread brings,
/// and what is allocated: the result alone, as long as no vector becomes an object.
public final class KernelReport {
  private enum Part {
    PRODUCTS("Peak|Read|Matmul"), FUNCTIONS("Elementwise"), REDUCTIONS("Reduction");

    final String benchmarks;

    Part(String benchmarks) {
      this.benchmarks = benchmarks;
    }
  }

  private final Collection<RunResult> results;

  private KernelReport(Collection<RunResult> results) {
    this.results = results;
  }

  /// Runs and prints the parts that are named, `products`, `functions` or `reductions`, or all of them.
  public static void main(String[] arguments) throws RunnerException {
    List<Part> parts = arguments.length == 0 ? List.of(Part.values())
        : Arrays.stream(arguments).map(a -> Part.valueOf(a.toUpperCase(Locale.ROOT))).toList();
    System.err.println("kernels: up to a quarter of an hour");
    String benchmarks = parts.stream().map(part -> part.benchmarks).collect(Collectors.joining("|", "(", ")Benchmark"));
    KernelReport report = new KernelReport(new Runner(
        new OptionsBuilder().include(benchmarks).addProfiler(GCProfiler.class).verbosity(VerboseMode.SILENT).build())
        .run());
    for (Part part : parts) {
      switch (part) {
        case PRODUCTS -> report.printProducts();
        case FUNCTIONS -> report.printFunctions();
        case REDUCTIONS -> report.printReductions();
      }
    }
  }

  private void printProducts() {
    double peak = PeakBenchmark.FLOPS / nanoseconds(r -> name(r).endsWith("oneThread"));
    double both = 2 * PeakBenchmark.FLOPS / nanoseconds(r -> name(r).endsWith("twoThreads"));
    print("FMA peak: %.0f GFLOP/s on one thread, %.0f on two%n", peak, both);
    print("%n| product | GFLOP/s, one thread | share of the peak | two threads | speed-up |%n|---|---|---|---|---|%n");
    for (Product product : Product.values()) {
      if (!product.isOneRow()) {
        double one = product.flops() / time("product", product.name(), 1);
        double two = product.flops() / time("product", product.name(), 2);
        print("| %s | %.0f | %.0f %% | %.0f | %.2f |%n", product, one, 100 * one / peak, two, two / one);
      }
    }
    printProductsOfOneRow();
  }

  private void printProductsOfOneRow() {
    print("%n| product of one row | GB/s, one thread | share of reading alone | two threads |%n|---|---|---|---|%n");
    for (Product product : Product.values()) {
      if (product.isOneRow()) {
        int elements = product.rightElements();
        double bytes = (double) Float.BYTES * elements;
        double read = nanoseconds(r -> name(r).endsWith("read") && has(r, "elements", Integer.toString(elements)));
        double one = time("product", product.name(), 1);
        print("| %s | %.0f | %.0f %% | %.0f |%n", product, bytes / one, 100 * read / one,
            bytes / time("product", product.name(), 2));
      }
    }
  }

  private void printFunctions() {
    print(
        "%n| function, ns an element | 8,192, one thread | 16.8 million, one thread | two threads | times a copy, "
            + "one thread |"
            + " two threads | bytes an element |%n|---|---|---|---|---|---|---|%n");
    double copyOne = nanoseconds(elementwise(ElementwiseBenchmark.Function.COPY, 1 << 24, 1)) / (1 << 24);
    double copyTwo = nanoseconds(elementwise(ElementwiseBenchmark.Function.COPY, 1 << 24, 2)) / (1 << 24);
    for (ElementwiseBenchmark.Function function : ElementwiseBenchmark.Function.values()) {
      double small = nanoseconds(elementwise(function, 8192, 1)) / 8192;
      double one = nanoseconds(elementwise(function, 1 << 24, 1)) / (1 << 24);
      double two = nanoseconds(elementwise(function, 1 << 24, 2)) / (1 << 24);
      double bytes = bytes(elementwise(function, 1 << 24, 1)) / (1 << 24);
      print("| %s | %.2f | %.2f | %.2f | %.1f | %.1f | %.2f |%n", words(function), small, one, two, one / copyOne,
          two / copyTwo,
          bytes);
    }
  }

  private void printReductions() {
    print("%n| operation, microseconds | one thread | two threads | kilobytes |%n|---|---|---|---|%n");
    for (ReductionBenchmark.Reduction reduction : ReductionBenchmark.Reduction.values()) {
      print("| %s | %.0f | %.0f | %.0f |%n", words(reduction), time("reduction", reduction.name(), 1) / 1e3,
          time("reduction", reduction.name(), 2) / 1e3,
          bytes(r -> has(r, "reduction", reduction.name()) && has(r, "threads", "1")) / 1e3);
    }
  }

  // ---- results ------------------------------------------------------------------------------------------------------

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }

  private static String words(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String name(RunResult result) {
    return result.getParams().getBenchmark();
  }

  private static boolean has(RunResult result, String parameter, String value) {
    return result.getParams().getParamsKeys().contains(parameter)
        && result.getParams().getParam(parameter).equals(value);
  }

  private static Predicate<RunResult> elementwise(ElementwiseBenchmark.Function function, int elements, int threads) {
    return r -> has(r, "function", function.name()) && has(r, "elements", Integer.toString(elements))
        && has(r, "threads", Integer.toString(threads));
  }

  private double time(String parameter, String value, int threads) {
    return nanoseconds(r -> has(r, parameter, value) && has(r, "threads", Integer.toString(threads)));
  }

  /// The median of the iterations: on a shared machine a single one can take several times as long as the rest.
  private double nanoseconds(Predicate<RunResult> which) {
    return find(which).getPrimaryResult().getStatistics().getPercentile(50);
  }

  private double bytes(Predicate<RunResult> which) {
    return find(which).getSecondaryResults().get("gc.alloc.rate.norm").getScore();
  }

  private RunResult find(Predicate<RunResult> which) {
    return results.stream().filter(which).findFirst()
        .orElseThrow(() -> new IllegalStateException("a benchmark gave no result; run it alone to see why"));
  }
}
