package dev.rewind.benchmarks;

import dev.rewind.benchmarks.CellBenchmark.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs [CellBenchmark] and prints what it means: nanoseconds for one element of one output, forwards and backwards,
/// and bytes allocated for one step. Medians of the iterations.
///
/// The first argument is a table: `cells` (all at B = T = 32), `batch` (B from 1 to 512, T = 32) or `time` (T from 25
/// to 800, B = 32); the second, kinds of cells, by commas; all, if there is none.
public final class CellReport {
  private static final List<Integer> BATCHES = List.of(1, 8, 32, 128, 512);
  private static final List<Integer> TIMES = List.of(25, 50, 100, 200, 400, 800);

  private final Collection<RunResult> results = new ArrayList<>();
  private final List<Kind> kinds;

  /// @param parameter of the benchmark, that takes several values, or null
  private CellReport(List<Kind> kinds, String parameter, List<Integer> values) throws RunnerException {
    this.kinds = kinds;
    for (String form : List.of("scan", "stepByStep")) {
      String[] measured = kinds.stream().filter(kind -> hasForm(kind, form)).map(Enum::name).toArray(String[]::new);
      ChainedOptionsBuilder options = new OptionsBuilder().include("CellBenchmark." + form)
          .addProfiler(GCProfiler.class)
          .param("cell", measured).verbosity(VerboseMode.SILENT);
      if (parameter != null) {
        options.param(parameter, values.stream().map(Object::toString).toArray(String[]::new));
      }
      if (measured.length > 0) {
        results.addAll(new Runner(options.build()).run());
      }
    }
  }

  /// Those without a scan of their own are measured once.
  private static boolean hasForm(Kind kind, String form) {
    return kind.hasOwnScan() || form.equals("scan");
  }

  /// Runs and prints.
  public static void main(String[] arguments) throws RunnerException {
    String table = arguments.length == 0 ? "cells" : arguments[0];
    List<Kind> kinds = arguments.length < 2
        ? List.of(Kind.values()) : Arrays.stream(arguments[1].split(",")).map(Kind::valueOf).toList();
    switch (table) {
      case "cells" -> new CellReport(kinds, null, List.of()).printCells();
      case "batch" -> new CellReport(kinds, "batch", BATCHES).print("batch", "B", BATCHES);
      case "time" -> new CellReport(kinds, "steps", TIMES).print("steps", "T", TIMES);
      default -> throw new IllegalArgumentException("the table is cells, batch or time, not " + table);
    }
  }

  private void printCells() {
    System.out.println("| cell | `scan` | bytes a step | step by step | bytes a step |\n|---|---|---|---|---|");
    for (Kind kind : kinds) {
      List<String> row = new ArrayList<>(List.of(kind.name()));
      for (String form : List.of("scan", "stepByStep")) {
        RunResult result = hasForm(kind, form) ? find(kind, form, "steps", 32) : null;
        row.add(result == null ? "" : time(result));
        row.add(result == null ? "" : bytes(result));
      }
      System.out.println(line(row));
    }
  }

  /// @param parameter the one that varies, in the benchmark
  /// @param letter its name for people
  private void print(String parameter, String letter, List<Integer> values) {
    List<String> header = values.stream().map(value -> letter + " = " + value).collect(Collectors.toList());
    header.addFirst("ns an element, bytes a step");
    System.out.println(line(header) + "\n|---" + "|---".repeat(values.size()) + "|");
    for (Kind kind : kinds) {
      for (String form : kind.hasOwnScan() ? List.of("scan", "stepByStep") : List.of("scan")) {
        List<String> row = new ArrayList<>(List.of(kind + (form.equals("scan") ? "" : ", step by step")));
        for (int value : values) {
          RunResult result = find(kind, form, parameter, value);
          row.add(time(result) + ", " + bytes(result));
        }
        System.out.println(line(row));
      }
    }
  }

  private static String line(List<String> row) {
    return "| " + String.join(" | ", row) + " |";
  }

  private RunResult find(Kind kind, String form, String parameter, int value) {
    return results.stream()
        .filter(r -> r.getParams().getBenchmark().endsWith("." + form))
        .filter(r -> r.getParams().getParam("cell").equals(kind.name()))
        .filter(r -> number(r, parameter) == value)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("a benchmark gave no result; run it alone to see why"));
  }

  private static int number(RunResult result, String parameter) {
    return Integer.parseInt(result.getParams().getParam(parameter));
  }

  /// Nanoseconds for one element of one output.
  private static String time(RunResult result) {
    double pass = result.getPrimaryResult().getStatistics().getPercentile(50);
    return String.format(
        Locale.ROOT, "%.1f", pass / (number(result, "steps") * number(result, "batch") * CellBenchmark.HIDDEN));
  }

  private static String bytes(RunResult result) {
    double pass = result.getSecondaryResults().get("gc.alloc.rate.norm").getStatistics().getPercentile(50);
    return String.format(Locale.ROOT, "%,.0f", pass / number(result, "steps"));
  }
}
