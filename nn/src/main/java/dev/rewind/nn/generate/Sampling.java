package dev.rewind.nn.generate;

import dev.rewind.tensor.Rng;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/// How a symbol is drawn from a model's expectation. First the temperature sharpens (below 1) or flattens (above 1) the
/// distribution, then only the `topK` likeliest symbols stay, and of these the likeliest that together have a
/// probability of at least `topP`. Of symbols that are equally likely, the one with the lower id counts as likelier.
///
/// @param temperature what logits are divided by; at 0 the likeliest symbol is taken without a draw
/// @param topK how many symbols may be drawn; 0 is all of them
/// @param topP the probability, in `(0, 1]`, that the symbols that may be drawn have together; 1 is all of them
public record Sampling(double temperature, int topK, double topP) {
  /// Draws from the model's distribution as it is.
  public static final Sampling PLAIN = new Sampling(1, 0, 1);

  /// Checks the options.
  ///
  /// @throws IllegalArgumentException naming the one that is out of range
  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("sampling: the temperature must be at least 0 and finite, not " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("sampling: topK must be at least 0, not " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("sampling: topP must be greater than 0 and at most 1, not " + topP);
    }
  }

  /// Reads a prompt, and then symbol after symbol as it draws them: a stream without end, each symbol computed when it
  /// is asked for. `.limit(100)` and `.takeWhile(symbol -> symbol != end)` make an end.
  ///
  /// @param decoder of one row; moved on
  /// @param prompt at least one symbol
  public IntStream symbols(Decoder decoder, int[] prompt, Rng rng) {
    float[] logits = read(decoder, prompt);
    return IntStream.iterate(pick(logits, rng::nextDouble),
        symbol -> pick(decoder.step(new int[] {symbol}), rng::nextDouble));
  }

  /// Several continuations of one prompt, as many as there are sources of draws, in step: each is what [#symbols] gives
  /// with its source.
  ///
  /// @param decoder of one row; moved on
  /// @param prompt at least one symbol
  /// @param length how many symbols each has
  /// @return `[continuations, length]`
  public int[][] continuations(Decoder decoder, int[] prompt, int length, List<Rng> draws) {
    float[] first = read(decoder, prompt).clone();
    int[][] written = new int[draws.size()][length];
    decoder.select(new int[draws.size()]);
    int[] last = new int[draws.size()];
    for (int i = 0; i < length; i++) {
      float[] logits = i == 0 ? first : decoder.step(last); // [rows, symbols], at first one row for all
      for (int row = 0; row < draws.size(); row++) {
        int from = i == 0 ? 0 : row * first.length;
        last[row] = pick(Arrays.copyOfRange(logits, from, from + first.length), draws.get(row)::nextDouble);
        written[row][i] = last[row];
      }
    }
    return written;
  }

  private static float[] read(Decoder decoder, int[] prompt) {
    if (decoder.rows() != 1 || prompt.length == 0) {
      throw new IllegalArgumentException("sampling: wants one sequence and a prompt of at least one symbol, not "
          + decoder.rows() + " and " + prompt.length);
    }
    float[] logits = {};
    for (int symbol : prompt) {
      logits = decoder.step(new int[] {symbol});
    }
    return logits;
  }

  /// Draws a symbol. Kept symbols share `[0, 1)` in the order of their ids, so `topK = V` and `topP = 1` change no
  /// draw.
  ///
  /// @param logits unnormalised log-probabilities, `[V]`; minus infinity is a symbol that is never drawn
  /// @param uniform gives a number in `[0, 1)`; asked once, or never at temperature 0
  /// @return the id of the symbol
  /// @throws IllegalArgumentException if there are no logits, all are minus infinity, or one is NaN
  public int pick(float[] logits, DoubleSupplier uniform) {
    int likeliest = argmax(logits);
    if (temperature == 0) {
      return likeliest;
    }
    double[] weights = weights(logits, logits[likeliest]);
    if (topK > 0 && topK < logits.length || topP < 1) {
      keepLikeliest(weights, logits);
    }
    return draw(weights, uniform.getAsDouble(), likeliest);
  }

  private static int argmax(float[] logits) {
    int best = -1;
    for (int id = 0; id < logits.length; id++) {
      if (Float.isNaN(logits[id])) {
        throw new IllegalArgumentException("sampling: the logit of symbol " + id + " is NaN");
      }
      if (logits[id] > (best < 0 ? Float.NEGATIVE_INFINITY : logits[best])) {
        best = id;
      }
    }
    if (best < 0) {
      throw new IllegalArgumentException("sampling: none of the " + logits.length + " logits is above minus infinity");
    }
    return best;
  }

  // Relative to the greatest, whose weight is 1. Infinities of one sign have no difference: equals are 1 by definition.
  private double[] weights(float[] logits, float greatest) {
    double[] weights = new double[logits.length];
    for (int id = 0; id < logits.length; id++) {
      weights[id] = logits[id] == greatest ? 1 : StrictMath.exp(((double) logits[id] - greatest) / temperature);
    }
    return weights;
  }

  private void keepLikeliest(double[] weights, float[] logits) {
    int[] order = descending(logits);
    int kept = topK == 0 ? order.length : Math.min(topK, order.length);
    double total = 0;
    for (int i = 0; i < kept; i++) {
      total += weights[order[i]];
    }
    double reached = 0;
    for (int i = 0; i < order.length; i++) {
      boolean goesOn = i < kept && (topP == 1 || i == 0 || reached < topP * total);
      reached += goesOn ? weights[order[i]] : 0;
      weights[order[i]] = goesOn ? weights[order[i]] : 0;
    }
  }

  /// The ids, those of greater logits first, equal ones ascending.
  private static int[] descending(float[] logits) {
    long[] keys = new long[logits.length];
    for (int id = 0; id < logits.length; id++) {
      int bits = Float.floatToIntBits(logits[id] + 0f); // adding 0 makes -0 equal to 0
      int ascending = bits ^ bits >> 31 & Integer.MAX_VALUE; // as ints, in the order of the floats
      keys[id] = (long) ~ascending << 32 | id;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  private static int draw(double[] weights, double uniform, int likeliest) {
    if (!(uniform >= 0 && uniform < 1)) {
      throw new IllegalArgumentException("sampling: expected a draw in [0, 1), got " + uniform);
    }
    double target = uniform * Arrays.stream(weights).reduce(0, Double::sum); // in order: sum() compensates
    double reached = 0;
    for (int id = 0; id < weights.length; id++) {
      reached += weights[id];
      if (target < reached) {
        return id;
      }
    }
    return likeliest; // the product was rounded up to the sum
  }
}
