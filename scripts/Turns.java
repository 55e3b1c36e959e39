import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Compares the speed of two versions of this project, each built (`mvn -DskipTests package`) in a directory of its own:
///
/// ```
/// java scripts/Turns.java OLD NEW TrainingBenchmark.step yardstick=SMALL
/// java scripts/Turns.java OLD NEW SamplingBenchmark.one hidden=128 cell=LSTM
/// ```
///
/// Both run the benchmark in a process of their own and take turns, so that whatever else the machine does falls on
/// both. Printed is the time of the old over that of the new: the median of 30 pairs of turns from three starts, and its
/// 95 % interval (the 10th and the 21st of the sorted ratios); more than 1 means that the new one is faster. The
/// processes have the launcher's flags; others come from the environment variable `TURNS_FLAGS`.
public final class Turns {
  private static final int STARTS = 3;
  private static final int PAIRS = 10;
  private static final double WARM_UP = 6; // seconds
  private static final double TURN = 0.6; // seconds
  private static final String FLAGS =
      "--add-modules=jdk.incubator.vector -XX:+UseSerialGC -Xmn112m -XX:SurvivorRatio=2";

  private Turns() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("--worker")) {
      work(args);
      return;
    }
    if (args.length < 3 || !args[2].contains(".")) {
      System.err.println("usage: java scripts/Turns.java OLD NEW Benchmark.method [field=value ..]");
      System.exit(2);
    }
    String[] what = Arrays.copyOfRange(args, 2, args.length);
    List<Double> ratios = new ArrayList<>();
    double[] best = {Double.MAX_VALUE, Double.MAX_VALUE};
    for (int start = 0; start < STARTS; start++) {
      try (Child old = new Child(Path.of(args[0]), what); Child renewed = new Child(Path.of(args[1]), what)) {
        old.run(WARM_UP);
        renewed.run(WARM_UP);
        for (int pair = 0; pair < PAIRS; pair++) {
          boolean oldFirst = pair % 2 == 0;
          double first = (oldFirst ? old : renewed).run(TURN);
          double second = (oldFirst ? renewed : old).run(TURN);
          double before = oldFirst ? first : second;
          double after = oldFirst ? second : first;
          ratios.add(before / after);
          best[0] = Math.min(best[0], before);
          best[1] = Math.min(best[1], after);
        }
      }
    }
    ratios.sort(null);
    int n = ratios.size();
    System.out.printf(Locale.ROOT, "%-45s %.3f [%.3f, %.3f], by minima %.3f (%s, %s)%n", String.join(" ", what),
        (ratios.get(n / 2 - 1) + ratios.get(n / 2)) / 2, ratios.get(n / 3 - 1), ratios.get(n - n / 3),
        best[0] / best[1], time(best[0]), time(best[1]));
  }

  private static String time(double nanos) {
    return nanos < 1e4 ? String.format(Locale.ROOT, "%.0f ns", nanos)
        : nanos < 1e7 ? String.format(Locale.ROOT, "%.1f us", nanos / 1e3)
            : String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
  }

  /// A process that runs the benchmark when it is told to.
  private static final class Child implements AutoCloseable {
    private final Process process;
    private final PrintWriter to;
    private final BufferedReader from;

    Child(Path root, String[] what) throws IOException {
      List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
      command.addAll(List.of(System.getenv().getOrDefault("TURNS_FLAGS", FLAGS).split(" +")));
      command.addAll(List.of("--class-path", classPath(root), sourceOfThis(), "--worker"));
      command.addAll(List.of(what));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      to = new PrintWriter(process.getOutputStream(), true);
      from = new BufferedReader(new InputStreamReader(process.getInputStream()));
    }

    private static String classPath(Path root) throws IOException {
      try (Stream<Path> modules = Files.list(root)) {
        return String.join(":",
            modules.map(module -> module.resolve("target/classes")).filter(Files::isDirectory).map(Path::toString).toList());
      }
    }

    private static String sourceOfThis() {
      return Path.of(System.getProperty("jdk.launcher.sourcefile", "scripts/Turns.java")).toString();
    }

    /// Nanoseconds of one call, over calls that take about so many seconds.
    double run(double seconds) throws IOException {
      to.println(seconds);
      String answer = from.readLine();
      if (answer == null) {
        throw new IOException("a version ended early");
      }
      return Double.parseDouble(answer);
    }

    @Override
    public void close() throws InterruptedException {
      to.close();
      process.waitFor();
    }
  }

  private static void work(String[] args) throws Exception {
    String name = args[1];
    Class<?> type = Class.forName("dev.rewind.benchmarks." + name.substring(0, name.indexOf('.')));
    Object benchmark = type.getDeclaredConstructor().newInstance();
    for (String setting : Arrays.asList(args).subList(2, args.length)) {
      Field field = type.getField(setting.substring(0, setting.indexOf('=')));
      field.set(benchmark, value(field.getType(), setting.substring(setting.indexOf('=') + 1)));
    }
    for (Method method : type.getMethods()) {
      if (method.getName().equals("prepare")) {
        method.invoke(benchmark);
      }
    }
    Method call = type.getMethod(name.substring(name.indexOf('.') + 1));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      double seconds = Double.parseDouble(line);
      long start = System.nanoTime();
      long calls = 0;
      while (System.nanoTime() - start < seconds * 1e9) {
        call.invoke(benchmark);
        calls++;
      }
      System.out.println((System.nanoTime() - start) / (double) calls);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Object value(Class<?> type, String text) {
    return type.isEnum() ? Enum.valueOf((Class<Enum>) type, text)
        : type == int.class ? (Object) Integer.parseInt(text) : text;
  }
}
