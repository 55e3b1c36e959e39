package dev.rewind.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.rewind.nn.train.Trainer;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// What does training take of memory, in a JVM with the launcher's options, and does it grow? Without arguments, the
/// cases of the yardstick for some seconds each; with a case, or sizes as `L,H,B,T,V`, a longer run of it, looked at in
/// between: of 2,16,4,8,65 it makes as many steps as of the small case in an hour. Resident sizes are the system's;
/// Linux is needed.
public final class MemoryReport {
  private static final double SHORT_SECONDS = 8;
  private static final double LONG_SECONDS = 80;
  private static final int LOOKS = 8;
  private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private MemoryReport() {}

  /// Measures each case in a JVM of its own.
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 2 && arguments[0].equals("--short")) {
      printShort(arguments[1]);
    } else if (arguments.length == 2 && arguments[0].equals("--long")) {
      printLong(TrainingSizes.of(arguments[1]));
    } else if (arguments.length > 0) {
      for (String name : arguments) {
        Launcher.run(MemoryReport.class, List.of(), "--long", name);
      }
    } else {
      print(
          "%n| case | resident MB, after %.0f s | at most | live MB | MB a step | saved activations, MB | "
              + "collections a 1000 steps |%n",
          SHORT_SECONDS);
      print("|---|---|---|---|---|---|---|%n");
      for (String name : List.of("SMALL", "LARGE", "TUTORIAL")) {
        Launcher.run(MemoryReport.class, List.of(), "--short", name);
      }
    }
  }

  private static void printShort(String name) throws IOException {
    TrainingSizes sizes = TrainingSizes.of(name);
    Trainer<?> trainer = sizes.trainer();
    run(trainer, SHORT_SECONDS / 2); // what compilers allocate is not the step's
    long bytes = BEAN.getTotalThreadAllocatedBytes();
    long collections = collections();
    int steps = run(trainer, SHORT_SECONDS / 2);
    bytes = BEAN.getTotalThreadAllocatedBytes() - bytes;
    collections = collections() - collections;
    print("| `%s` | %.0f | %.0f | %.0f | %.1f | %.1f | %.0f |%n", name, status("VmRSS"), status("VmHWM"), live(),
        bytes / 1e6 / steps, sizes.savedBytes() / 1e6, 1e3 * collections / steps);
  }

  private static void printLong(TrainingSizes sizes) throws IOException {
    print("%n%s:%n%n| steps | resident MB | live MB |%n|---|---|---|%n", sizes);
    Trainer<?> trainer = sizes.trainer();
    long steps = 0;
    for (int look = 0; look < LOOKS; look++) {
      steps += run(trainer, LONG_SECONDS / LOOKS);
      print("| %,d | %.0f |", steps, status("VmRSS"));
      print(" %.1f |%n", live());
    }
  }

  /// Makes steps for a time, and tells how many.
  private static int run(Trainer<?> trainer, double seconds) {
    int steps = 0;
    for (long start = System.nanoTime(); System.nanoTime() - start < seconds * 1e9; steps++) {
      trainer.step();
    }
    return steps;
  }

  /// A size that the system tells of this process, in MB.
  private static double status(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith(name + ":"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024 / 1e6).findFirst()
        .orElseThrow(() -> new IllegalStateException("the system does not tell " + name));
  }

  /// MB of the heap that a full collection leaves.
  private static double live() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1e6;
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
