package dev.rewind.report;

import static dev.rewind.report.Markup.escaped;
import static dev.rewind.report.Markup.json;
import static dev.rewind.report.Markup.json16;
import static dev.rewind.report.Markup.shown;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The text that a model read, coloured by what its units did, and the units worth a look.
final class TextSection {
  private static final int WHOLE = 500; // symbols for which every unit is in the page
  private static final int BUDGET = 1_000_000; // bytes for those
  private static final int EXCERPT = 240; // symbols of a card
  private static final Map<String, String> QUANTITIES = Map.of("h", "hidden state h", "c", "cell state c", "i",
      "input gate i", "f", "forget gate f", "o", "output gate o", "g", "candidate g", "r", "reset gate r", "z",
      "update gate z", "n", "candidate n");

  private final List<String> symbols;
  private final int[] ids;
  private final Activations seen;
  private final List<Finding> findings;
  private final Predictions next;
  private final List<Signal> signals;
  private final int whole;

  /// A state or gate of a layer.
  ///
  /// @param values `[units, T]`, flat
  private record Signal(String name, int units, int steps, double[] values, double[] low, double[] high) {
    static Signal of(String name, Tensor x) {
      int units = x.size(1);
      double[] values = x.transpose().contiguous().to(DType.FLOAT64).toDoubles();
      double[] low = new double[units];
      double[] high = new double[units];
      for (int u = 0; u < units; u++) {
        int from = u * x.size(0);
        low[u] = Arrays.stream(values, from, from + x.size(0)).min().getAsDouble();
        high[u] = Arrays.stream(values, from, from + x.size(0)).max().getAsDouble();
        if (low[u] < 0) {
          high[u] = Math.max(high[u], -low[u]);
          low[u] = -high[u];
        }
      }
      return new Signal(name, units, x.size(0), values, low, high);
    }

    double at(int unit, int t) {
      return values[unit * steps + t];
    }

    /// Values of a unit, each as a byte of its range.
    void write(byte[] to, int at, int unit, int count) {
      double scale = high[unit] > low[unit] ? 255 / (high[unit] - low[unit]) : 0;
      for (int t = 0; t < count; t++) {
        to[at + t] = (byte) Math.round((at(unit, t) - low[unit]) * scale);
      }
    }

    String layer() {
      return name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : "";
    }

    String quantity() {
      String last = name.substring(name.lastIndexOf('.') + 1);
      return QUANTITIES.getOrDefault(last, last);
    }
  }

  TextSection(List<String> symbols, int[] ids, Activations seen, List<Finding> findings, Predictions next) {
    this.symbols = symbols;
    this.ids = ids;
    this.seen = seen;
    this.findings = findings;
    this.next = next;
    this.signals = seen.signals().entrySet().stream().map(e -> Signal.of(e.getKey(), e.getValue())).toList();
    this.whole = Math.clamp(BUDGET / Math.max(1, units()), 1, Math.min(WHOLE, ids.length));
  }

  private int units() {
    return signals.stream().mapToInt(Signal::units).sum();
  }

  private Signal signal(Finding finding) {
    return signals.get(index(finding));
  }

  private int index(Finding finding) {
    return List.copyOf(seen.signals().keySet()).indexOf(finding.signal());
  }

  // ---- what is in the page without a script -------------------------------------------------------------------------

  String cards() {
    return "<p>Each card shows a unit that follows something that can be measured in the text, where it does so most "
        + "clearly, and r, the correlation of its values with that over all " + shown(ids.length)
        + " symbols. They were chosen among " + shown(units())
        + " values: the best for each measure in turn, each unit once. Some correlation comes by chance among so many; "
        + "how much, is what the best of them has with the same measure after its stretches were shuffled.</p>\n"
        + legend()
        + findings.stream().map(this::card).collect(Collectors.joining("", "<div class=\"cards\">\n", "</div>\n"))
        + (findings.isEmpty() ? "<p>No unit follows any of the measures better than chance.</p>\n" : "");
  }

  private static String legend() {
    return "<p class=\"legend\"><span class=\"scale\"><i class=\"n9\">−</i><i class=\"n6\"> </i><i class=\"n3\"> </i>"
        + "<i class=\"p0\">0</i><i class=\"p3\"> </i><i class=\"p6\"> </i><i class=\"p9\">+</i></span> "
        + "blue is negative, orange positive; a gate has no negative values, and its colours go from its least to its "
        + "greatest value.</p>\n";
  }

  private String card(Finding f) {
    Signal signal = signal(f);
    int from = clearest(f);
    StringBuilder excerpt = new StringBuilder();
    String before = "";
    for (int t = from; t < Math.min(from + EXCERPT, ids.length); t++) {
      String level = Markup.level(signal.at(f.unit(), t), signal.low[f.unit()], signal.high[f.unit()]);
      excerpt.append(level.equals(before) ? "" : (t == from ? "" : "</i>") + "<i class=\"" + level + "\">")
          .append(escaped(symbols.get(ids[t])));
      before = level;
    }
    return String.format(Locale.ROOT, """
        <article class="card"><h3>%s <span class="r">r = %+.2f</span></h3>
        <p>%s · %s · unit %d <span class="quiet">(%s; by chance up to %.2f)</span></p>
        <pre>%s</i></pre>
        <button class="scripted" data-signal="%d" data-unit="%d" data-from="%d">Show in the text</button></article>
        """, escaped(f.feature().name()), f.correlation(), escaped(layer(signal)), escaped(signal.quantity()), f.unit(),
        escaped(f.feature().meaning()), f.chance(), excerpt, index(f), f.unit(), from);
  }

  private static String layer(Signal signal) {
    return signal.layer().matches("\\d+") ? "layer " + signal.layer() : signal.layer().isEmpty() ? "cell"
        : signal.layer();
  }

  /// Where an excerpt begins in which a unit follows its feature most, at the start of a word if there is one near.
  private int clearest(Finding f) {
    Signal signal = signal(f);
    int best = 0;
    double most = 0;
    for (int from = 0; from + EXCERPT <= ids.length; from += EXCERPT / 4) {
      double[] feature = f.feature().values().subList(from, from + EXCERPT).stream().mapToDouble(x -> x).toArray();
      double[] unit = IntStream.range(from, from + EXCERPT).mapToDouble(t -> signal.at(f.unit(), t)).toArray();
      double mean = Arrays.stream(feature).average().getAsDouble();
      double together = IntStream.range(0, EXCERPT).mapToDouble(t -> (feature[t] - mean) * unit[t]).sum();
      if (together * f.correlation() > most) {
        most = together * f.correlation();
        best = from;
      }
    }
    int start = best;
    return start == 0 ? 0 : IntStream.range(start, Math.min(start + EXCERPT / 4, ids.length))
        .filter(t -> symbols.get(ids[t - 1]).isBlank() && !symbols.get(ids[t]).isBlank()).findFirst().orElse(start);
  }

  String text(String what) {
    double mean = IntStream.range(1, ids.length).mapToDouble(next.bits()::at).average().orElse(Double.NaN);
    String plain = Arrays.stream(ids).mapToObj(symbols::get).collect(Collectors.joining());
    return "<p>" + escaped(what) + (Double.isNaN(mean) ? "" : "; the surprise is "
        + shown(mean) + " bits a symbol on average") + ". <span class=\"scripted\">Point at a symbol, or move with the "
        + "arrow keys, to see what the model expects after it.</span></p>\n"
        + "<noscript><p>The colours of this text need a script; the cards above do not.</p></noscript>\n"
        + """
            <div class="scripted controls">
            <label>Colour by <select id="quantity"></select></label>
            <label>Layer <select id="layer"></select></label>
            <label>Unit <button id="previous" aria-label="previous unit">‹</button><input id="unit" type="number" \
            min="0" value="0"><button id="next" aria-label="next unit">›</button></label>
            </div>
            <div class="reading"><pre id="text" role="group" tabindex="0" \
            aria-label="the text; arrow keys move from symbol to symbol">\
            """
        + escaped(plain) + """
            </pre>
            <aside class="scripted" id="panel" aria-live="polite"></aside></div>
            """ + "<p class=\"quiet\">" + (whole < ids.length ? "Left out: this page has all "
            + shown(units()) + " values of the network for the first " + shown(whole)
            + " symbols only, and for the whole "
            + "text those of the " + findings.size() + " cards. " : "")
        + "A value is kept as one byte, so a number shown is within 1/510 of the unit's range.</p>\n";
  }

  // ---- what the script reads ----------------------------------------------------------------------------------------

  String data() {
    String states = signals.stream().map(signal -> {
      byte[] bytes = new byte[signal.units * whole];
      IntStream.range(0, signal.units).forEach(u -> signal.write(bytes, u * whole, u, whole));
      return "{\"layer\":" + json(layer(signal)) + ",\"quantity\":" + json(signal.quantity()) + ",\"units\":"
          + signal.units
          + ",\"low\":" + json(signal.low) + ",\"high\":" + json(signal.high) + ",\"data\":" + json(bytes) + "}";
    }).collect(Collectors.joining(",\n"));
    String picked = findings.stream().map(f -> {
      byte[] bytes = new byte[ids.length];
      signal(f).write(bytes, 0, f.unit(), ids.length);
      return "{\"signal\":" + index(f) + ",\"unit\":" + f.unit() + ",\"data\":" + json(bytes) + "}";
    }).collect(Collectors.joining(",\n"));
    return "{\"symbols\":[" + symbols.stream().map(Markup::json).collect(Collectors.joining(",")) + "],\n\"ids\":"
        + json16(ids) + ",\n\"whole\":" + whole + ",\n\"signals\":[" + states + "],\n\"long\":[" + picked
        + "],\n\"likely\":"
        + next.symbols().size(1) + ",\"next\":" + json16(next.symbols().toInts()) + ",\n\"p\":"
        + json16(scaled(next.probabilities(), 65535)) + ",\n\"bits\":" + json16(scaled(next.bits(), 1000)) + "}";
  }

  private static int[] scaled(Tensor x, int unit) {
    return Arrays.stream(x.toDoubles()).mapToInt(v -> (int) Math.min(65535, Math.round(v * unit))).toArray();
  }
}
