package dev.rewind.benchmarks.peers;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// A process of a [Worker], with an environment, threads and memory of its own. Every answer has a time limit: some
/// settings of PyTorch hang now and then.
final class Child implements AutoCloseable {
  private static final int LIMIT_SECONDS = 40;
  private static final String END = "end";

  private final String name;
  private final Process process;
  private final PrintStream commands;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final String description;

  private Child(String name, ProcessBuilder builder) throws IOException {
    this.name = name;
    this.process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    Thread.ofVirtual().start(this::listen);
    try {
      this.description = receive("ready");
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /// Rewind's side of a case.
  ///
  /// @param narrow on 256-bit vectors
  static Child rewind(Case chosen, boolean narrow) throws IOException {
    List<String> flags = new ArrayList<>(List.of("--add-modules=jdk.incubator.vector"));
    flags.addAll(chosen.collector());
    if (narrow) {
      flags.add("-XX:UseAVX=2");
    }
    return new Child("Rewind", java(flags, jar -> !jar.matches(".*org.(bytedeco|tensorflow).*"), chosen.label()));
  }

  /// PyTorch's side of a case.
  ///
  /// @param narrow on 256-bit vectors
  static Child pytorch(Case chosen, Setting setting, boolean narrow) throws IOException {
    List<String> flags = new ArrayList<>(List.of("-XX:+UseParallelGC"));
    if (setting.mkl()) {
      flags.add("-Dorg.bytedeco.openblas.load=mkl_rt");
    }
    Predicate<String> jars = jar -> !jar
        .matches(setting.mkl() ? ".*org.tensorflow.*" : ".*org.(bytedeco.mkl|tensorflow).*");
    ProcessBuilder builder = java(flags, jars, chosen.label(), setting.toString());
    return peer("PyTorch " + setting, builder, setting.environment(), narrow);
  }

  /// TensorFlow's side of a case.
  ///
  /// @param narrow on 256-bit vectors
  static Child tensorflow(Case chosen, TensorFlowSetting setting, boolean narrow) throws IOException {
    ProcessBuilder builder = java(List.of("-XX:+UseParallelGC"),
        jar -> !jar.matches(".*org.bytedeco.(pytorch|openblas|mkl).*"), chosen.label(), setting.toString());
    return peer("TensorFlow " + setting, builder, setting.environment(), narrow);
  }

  private static Child peer(String name, ProcessBuilder builder, Map<String, String> environment, boolean narrow)
      throws IOException {
    builder.environment().putAll(environment);
    if (narrow) {
      builder.environment().putAll(Map.of("ATEN_CPU_CAPABILITY", "avx2", "ONEDNN_MAX_CPU_ISA", "AVX2",
          "MKL_ENABLE_INSTRUCTIONS", "AVX2", "OPENBLAS_CORETYPE", "Haswell"));
    }
    return new Child(name, builder);
  }

  private static ProcessBuilder java(List<String> flags, Predicate<String> jars, String... arguments) {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(flags);
    command.add("-cp");
    command.add(Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).filter(jars)
        .collect(Collectors.joining(File.pathSeparator)));
    command.add(Worker.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(key -> key.matches("(OMP|GOMP|KMP|MKL|OPENBLAS|ONEDNN|DNNL|ATEN|TF)_.*"));
    return builder;
  }

  private void listen() {
    try (BufferedReader lines = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines.lines().forEach(answers::add);
    } catch (IOException | java.io.UncheckedIOException e) {
      // the process has ended
    }
    answers.add(END);
  }

  /// The rest of the next answer that begins with a word; other lines (of native libraries) are passed over.
  private String receive(String word) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      String answer;
      try {
        answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
      if (answer == null) {
        throw new IOException(name + ": hangs; no answer within " + LIMIT_SECONDS + " s");
      }
      if (answer.equals(END)) {
        throw new IOException(name + ": ended by itself");
      }
      if (answer.startsWith(word + " ")) {
        return answer.substring(word.length() + 1);
      }
    }
  }

  /// The side, and how it is set.
  String name() {
    return name;
  }

  /// Versions, vectors, threads.
  String description() {
    return description;
  }

  /// See [Workload#check].
  double[] check() throws IOException {
    commands.println("check");
    return Arrays.stream(receive("check").split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  /// Nanoseconds of each of some runs.
  long[] run(int runs) throws IOException {
    commands.println("run " + runs);
    return Arrays.stream(receive("times").split(" ")).mapToLong(Long::parseLong).toArray();
  }

  /// What a side needs.
  ///
  /// @param peakKilobytes its greatest resident set so far
  /// @param allocated bytes on the heap in a run
  record Memory(long peakKilobytes, long allocated) {}

  /// What it needed so far.
  Memory memory() throws IOException {
    commands.println("memory");
    String[] numbers = receive("memory").split(" ");
    return new Memory(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
  }

  /// Waits until the process uses no processor any more, so that neither its compiler nor spinning threads disturb the
  /// other side's turn.
  ///
  /// @return whether that came about, within two seconds
  boolean awaitIdle() throws InterruptedException {
    Duration before = processorTime();
    for (int i = 0; i < 50; i++) {
      Thread.sleep(40); // the system counts in hundredths of a second
      Duration now = processorTime();
      if (now.equals(before)) {
        return true;
      }
      before = now;
    }
    return false;
  }

  private Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
