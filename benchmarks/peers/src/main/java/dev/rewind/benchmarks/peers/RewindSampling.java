package dev.rewind.benchmarks.peers;

import dev.rewind.nn.generate.Session;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/// A session of a char-RNN that writes, one symbol at a time.
final class RewindSampling implements Workload {
  private final int symbols;
  private final Session<?> session;
  private int symbol;
  private float[] logits; // [V]

  RewindSampling(Task.Sampling task, int symbols) {
    this.symbols = symbols;
    this.session = RewindTraining.model(task.layers(), task.hidden()).sessions().open();
  }

  private int next() {
    logits = session.step(symbol);
    symbol = 0;
    for (int id = 1; id < logits.length; id++) {
      symbol = logits[id] > logits[symbol] ? id : symbol;
    }
    return symbol;
  }

  @Override
  public double[] check() {
    double[] written = DoubleStream.generate(this::next).limit(20).toArray();
    double[] results = Arrays.copyOf(written, written.length + logits.length);
    for (int id = 0; id < logits.length; id++) {
      results[written.length + id] = logits[id];
    }
    return results;
  }

  @Override
  public long run() {
    return Workload.time(() -> {
      for (int i = 0; i < symbols; i++) {
        next();
      }
    });
  }
}
