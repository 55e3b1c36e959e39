package dev.rewind.nn.train;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/// Shows the progress of a training: on a terminal as one line that is updated in place, elsewhere (in a log) as a new
/// line now and then. Print other text by [#line], so that it does not run into the status. Any thread may call.
final class Progress {
  private static final int WIDTH = 79; // a full line of 80 columns would wrap
  private static final int BAR = 20;
  private static final long REDRAW = 100_000_000L; // nanoseconds between two drawings
  private static final long LOG = 10_000_000_000L; // nanoseconds between two lines of a log

  private final PrintStream out;
  private final boolean terminal;
  private final String unit;
  private final LongSupplier nanoTime;
  private final Speed speed;
  private long drawnAt;
  private boolean drawn; // at all
  private String status = ""; // what stands on the terminal's last line
  private String latest = ""; // what would stand there if it were drawn now

  /// The progress of a training that has done `first` iterations.
  ///
  /// @param terminal whether `out` understands a carriage return, see [#interactive]
  /// @param unit what the speed is counted in: `chars`
  /// @param nanoTime a clock that never goes back, such as `System::nanoTime`
  Progress(PrintStream out, boolean terminal, int first, String unit, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.unit = unit;
    this.nanoTime = nanoTime;
    this.speed = new Speed(new Mark(first, 0, nanoTime.getAsLong()));
  }

  /// Whether the output is a terminal that can overwrite a line.
  static boolean interactive() {
    Console console = System.console();
    return console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
  }

  /// Reports that `iteration` iterations are done, and the loss of the last one.
  ///
  /// @param total how many iterations there will be; 0 if unknown
  /// @param units how many units were processed since the first iteration
  synchronized void update(int iteration, int total, long units, double loss) {
    long now = nanoTime.getAsLong();
    speed.update(new Mark(iteration, units, now));
    latest = status(iteration, total, loss);
    if (!drawn || now - drawnAt >= (terminal ? REDRAW : LOG)) {
      show(now);
    }
  }

  /// Units per second, recently; 0 before the first update.
  synchronized double unitsPerSecond() {
    return speed.unitsPerSecond();
  }

  /// Prints a separate line, or several.
  synchronized void line(String text) {
    erase();
    out.println(text);
    redraw();
    out.flush();
  }

  /// Leaves the last status in place and moves to the next line. If the training continues, it gets a new status line.
  synchronized void finish() {
    if (!latest.equals(status)) {
      show(nanoTime.getAsLong());
    }
    if (terminal && !status.isEmpty()) {
      out.println();
      status = "";
      latest = "";
    }
    out.flush();
  }

  private void show(long now) {
    drawn = true;
    drawnAt = now;
    if (terminal) {
      int left = status.length() - latest.length(); // of a longer line before
      out.print("\r" + latest + (left > 0 ? " ".repeat(left) + "\b".repeat(left) : ""));
    } else {
      out.println(latest);
    }
    status = latest;
    out.flush();
  }

  private void erase() {
    if (terminal && !status.isEmpty()) {
      out.print("\r" + " ".repeat(status.length()) + "\r");
    }
  }

  private void redraw() {
    if (terminal && !status.isEmpty()) {
      out.print(latest);
      status = latest;
    }
  }

  private String status(int iteration, int total, double loss) {
    double done = total == 0 ? 0 : (double) iteration / total;
    String text = total == 0
        ? String.format(Locale.ROOT, "%d  loss %.4f  %s %s/s", iteration, loss, count(unitsPerSecond()), unit)
        : String.format(Locale.ROOT, "%3.0f%%  %d/%d  loss %.4f  %s %s/s  %s left", Math.floor(100 * done), iteration,
            total, loss, count(unitsPerSecond()), unit, duration(speed.secondsFor(total - iteration)));
    if (!terminal) {
      return text.strip();
    }
    int bar = total == 0 ? 0 : Math.min(BAR, WIDTH - text.length() - 3);
    if (bar < 1) {
      return text.substring(0, Math.min(text.length(), WIDTH));
    }
    int full = (int) Math.clamp(Math.floor(done * bar), 0, bar);
    return "[" + "#".repeat(full) + ".".repeat(bar - full) + "] " + text;
  }

  /// A count with three digits or so: `950`, `12.3k`, `1.25M`.
  static String count(double value) {
    if (value < 999.5) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    if (value < 99_950) {
      return String.format(Locale.ROOT, "%.1fk", value / 1e3);
    }
    return value < 999_500 ? String.format(Locale.ROOT, "%.0fk", value / 1e3)
        : String.format(Locale.ROOT, "%.2fM", value / 1e6);
  }

  /// A duration: `0:07`, `12:34`, `1:02:03`; `?` if unknown.
  static String duration(double seconds) {
    if (!(seconds >= 0 && seconds < 1e9)) {
      return "?";
    }
    long whole = (long) Math.ceil(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  private record Mark(int iteration, long units, long at) {}

  /// The speed over the last five to ten seconds: the start, when the program is not compiled yet, is forgotten.
  private static final class Speed {
    private static final long SPAN = 5_000_000_000L;

    private Mark earlier; // the start of the span measured
    private Mark middle; // where the next span will start
    private Mark latest;

    Speed(Mark first) {
      earlier = middle = latest = first;
    }

    void update(Mark now) {
      if (now.at - middle.at >= SPAN) {
        earlier = middle;
        middle = now;
      }
      latest = now;
    }

    double unitsPerSecond() {
      return perSecond(latest.units - earlier.units);
    }

    double secondsFor(int iterations) {
      return iterations <= 0 ? 0 : iterations / perSecond(latest.iteration - earlier.iteration); // infinite at first
    }

    private double perSecond(long n) {
      return latest.at == earlier.at ? 0 : n / ((latest.at - earlier.at) / 1e9);
    }
  }
}
