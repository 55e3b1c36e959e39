package dev.rewind.nn.generate;

import dev.rewind.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;

/// Looks for the likeliest continuations of sequences: of all that have the same length, the `width` likeliest are kept
/// at every step (Lowerre 1976; Sutskever et al. 2014). All beams of all sequences are rows of one batch.
///
/// A hypothesis is complete when it comes to the end symbol or to `longest` symbols. Hypotheses are ranked by
/// `logProbability / ((5 + n) / 6)^lengthPenalty`, n the number of symbols with the end symbol (Wu et al. 2016,
/// equation 14); without a penalty, 0, short ones are favoured, as each symbol costs. The search of a sequence ends
/// when nothing that is still growing can come to be among its best `width`.
///
/// The result is a function of the logits alone: of equally likely continuations, that of the better beam counts as
/// likelier, of one beam that with the lower symbol. With a width of 1, the likeliest symbol is taken at each step.
///
/// @param width how many hypotheses are kept, at least 1
/// @param longest how many symbols one may have, at least 1
/// @param lengthPenalty at least 0
/// @param end the symbol that ends a sequence, if there is one
public record BeamSearch(int width, int longest, double lengthPenalty, OptionalInt end) {
  /// Checks the options.
  ///
  /// @throws IllegalArgumentException naming the one that is out of range
  public BeamSearch {
    if (width < 1 || longest < 1) {
      throw new IllegalArgumentException(
          "beam search: width and longest must be at least 1, not " + width + " and " + longest);
    }
    if (!(lengthPenalty >= 0) || Double.isInfinite(lengthPenalty)) {
      throw new IllegalArgumentException(
          "beam search: the length penalty must be at least 0 and finite, not " + lengthPenalty);
    }
  }

  /// A search for continuations of `longest` symbols, without an end symbol or a length penalty.
  public static BeamSearch of(int width, int longest) {
    return new BeamSearch(width, longest, 0, OptionalInt.empty());
  }

  /// The same with a symbol that ends a sequence.
  public BeamSearch withEnd(int symbol) {
    return new BeamSearch(width, longest, lengthPenalty, OptionalInt.of(symbol));
  }

  /// The same with a length penalty; 0.6 to 0.7 is usual in translation.
  public BeamSearch withLengthPenalty(double value) {
    return new BeamSearch(width, longest, value, end);
  }

  /// The best continuations of one sequence, at most `width`, the best first.
  ///
  /// @param decoder of one row; moved on
  /// @param prompt what it has to read first, at least one symbol
  public List<Hypothesis> search(Decoder decoder, int... prompt) {
    if (decoder.rows() != 1 || prompt.length == 0) {
      throw new IllegalArgumentException("beam search: wants one sequence and a prompt of at least one symbol, not "
          + decoder.rows() + " and " + prompt.length + "; for several, searchAll");
    }
    for (int symbol : Arrays.copyOf(prompt, prompt.length - 1)) {
      decoder.step(new int[] {symbol});
    }
    return searchAll(decoder, new int[] {prompt[prompt.length - 1]}).getFirst();
  }

  /// The best continuations of every sequence, each as if it were alone.
  ///
  /// @param decoder moved on
  /// @param symbols the next symbol that each sequence has to read, `[rows]`: the last one of its prompt, or a start
  ///     symbol
  /// @throws IllegalArgumentException if a logit is NaN, or all of a row are minus infinity
  public List<List<Hypothesis>> searchAll(Decoder decoder, int[] symbols) {
    List<Search> searches = new ArrayList<>();
    for (int row = 0; row < symbols.length; row++) {
      searches.add(new Search(row));
    }
    float[] logits = decoder.step(symbols);
    for (int length = 1; length <= longest; length++) {
      int rows = searches.stream().mapToInt(search -> search.growing.size()).sum();
      Tensor.TopK likeliest = likeliest(logits, rows);
      int from = 0;
      for (Search search : searches) {
        int beams = search.growing.size();
        search.grow(likeliest, from, length);
        from += beams;
      }
      List<Beam> growing = searches.stream().flatMap(search -> search.growing.stream()).toList();
      if (growing.isEmpty() || length == longest) {
        break;
      }
      decoder.select(growing.stream().mapToInt(beam -> beam.row).toArray());
      logits = decoder.step(growing.stream().mapToInt(beam -> beam.symbol).toArray());
    }
    return searches.stream().map(Search::best).toList();
  }

  /// The log-probabilities that may matter: one more than the width, as one of them may be the end.
  private Tensor.TopK likeliest(float[] logits, int rows) {
    int symbols = logits.length / rows;
    Tensor all = Tensor.of(logits, rows, symbols).logSoftmax(1);
    if (all.isNaN().any().item() != 0) {
      throw new IllegalArgumentException("beam search: a logit is NaN, or none of a sequence is above minus infinity");
    }
    return all.topK(Math.min(symbols, width + 1));
  }

  /// A continuation so far.
  ///
  /// @param before null for the first symbol
  /// @param row of `before`, or of the sequence, in the last step
  private record Beam(Beam before, int row, int symbol, double logProbability) {
    List<Integer> symbols() {
      Deque<Integer> symbols = new ArrayDeque<>();
      for (Beam beam = this; beam.before != null; beam = beam.before) {
        symbols.addFirst(beam.symbol);
      }
      return List.copyOf(symbols);
    }
  }

  /// The search of one sequence.
  private final class Search {
    private List<Beam> growing; // the likeliest first
    private final List<Hypothesis> complete = new ArrayList<>(); // the best first

    Search(int row) {
      growing = List.of(new Beam(null, row, -1, 0));
    }

    /// Goes on from what is likeliest after each growing beam; their rows begin at `from`.
    void grow(Tensor.TopK likeliest, int from, int length) {
      List<Beam> next = new ArrayList<>();
      for (Beam beam : candidates(likeliest, from)) {
        boolean ends = end.isPresent() && end.getAsInt() == beam.symbol;
        if (ends || length == longest) {
          add(new Hypothesis(beam.symbols(), beam.logProbability, score(beam.logProbability, length), ends));
        } else {
          next.add(beam);
        }
        if (next.size() == width) {
          break;
        }
      }
      growing = isDecided(next) ? List.of() : next;
    }

    private List<Beam> candidates(Tensor.TopK likeliest, int from) {
      List<Beam> candidates = new ArrayList<>();
      for (int k = 0; k < growing.size(); k++) {
        for (int i = 0; i < likeliest.values().size(1); i++) {
          double step = likeliest.values().at(from + k, i);
          if (step > Double.NEGATIVE_INFINITY) {
            candidates.add(new Beam(growing.get(k), from + k, (int) likeliest.indices().at(from + k, i),
                growing.get(k).logProbability + step));
          }
        }
      }
      candidates.sort(Comparator.comparingDouble((Beam beam) -> -beam.logProbability)); // stable: by beam, then symbol
      return candidates;
    }

    private void add(Hypothesis hypothesis) {
      complete.add(hypothesis);
      complete.sort(Comparator.comparingDouble((Hypothesis h) -> -h.score())); // stable: the earlier of equals first
      if (complete.size() > width) {
        complete.removeLast();
      }
    }

    /// Whether the likeliest beam, were all its further symbols certain, would not be among the best.
    private boolean isDecided(List<Beam> next) {
      return next.isEmpty() || complete.size() == width
          && complete.getLast().score() >= score(next.getFirst().logProbability, longest);
    }

    List<Hypothesis> best() {
      return List.copyOf(complete);
    }
  }

  private double score(double logProbability, int length) {
    return logProbability / StrictMath.pow((5.0 + length) / 6, lengthPenalty);
  }
}
