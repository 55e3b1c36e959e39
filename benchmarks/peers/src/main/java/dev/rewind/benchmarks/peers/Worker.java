package dev.rewind.benchmarks.peers;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/// A process that holds one side of a case and does what it is told, line by line:
///
/// | command | answer |
/// |---|---|
/// | (at the start) | `ready DESCRIPTION`: versions, vectors, threads |
/// | `check` | `check NUMBER ..`, see [Workload#check] |
/// | `run N` | `times NANOSECONDS ..`, one for each of N runs |
/// | `memory` | `memory KILOBYTES BYTES`: the greatest resident set so far, and what the last `run` allocated on the heap in a run |
///
/// It ends with its input.
final class Worker {
  private final Workload workload;
  private long allocated; // by one run

  private Worker(Workload workload) {
    this.workload = workload;
  }

  /// @param arguments the label of a case, and for a peer's side its setting
  public static void main(String[] arguments) throws IOException {
    Case chosen = Case.of(arguments[0]);
    Worker worker;
    String description;
    if (arguments.length == 1) {
      worker = new Worker(Sides.rewind(chosen));
      description = Sides.describeRewind();
    } else if (arguments[1].startsWith("inter=")) {
      worker = new Worker(Sides.tensorflow(chosen, arguments[1]));
      description = Sides.describeTensorFlow();
    } else {
      Setting setting = Setting.parse(arguments[1]);
      worker = new Worker(Sides.pytorch(chosen, setting));
      description = Sides.describePyTorch();
    }
    System.out.println("ready " + description);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String command = commands.readLine(); command != null; command = commands.readLine()) {
      System.out.println(worker.answer(command));
    }
    System.exit(0); // whatever threads a native library has left
  }

  private String answer(String command) throws IOException {
    String[] words = command.split(" ");
    return switch (words[0]) {
      case "check" ->
        "check " + Arrays.stream(workload.check()).mapToObj(Double::toString).collect(Collectors.joining(" "));
      case "run" -> "times " + Arrays.stream(run(Integer.parseInt(words[1]))).mapToObj(Long::toString)
          .collect(Collectors.joining(" "));
      case "memory" -> "memory " + peakKilobytes() + " " + allocated;
      default -> throw new IllegalArgumentException("no command: " + command);
    };
  }

  private long[] run(int runs) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getTotalThreadAllocatedBytes();
    long[] times = new long[runs];
    for (int i = 0; i < runs; i++) {
      times[i] = workload.run();
    }
    allocated = (threads.getTotalThreadAllocatedBytes() - before) / runs;
    return times;
  }

  private static String peakKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmHWM:"))
        .map(line -> line.replaceAll("\\D+", "")).findFirst().orElse("0");
  }
}
