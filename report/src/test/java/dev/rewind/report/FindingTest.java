package dev.rewind.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.junit.jupiter.api.Test;

class FindingTest {
  private static final String TEXT = "He said: 'Go (now), Tom's here!' 12.\n  And\n\n'Open ends\n\nOut \"in\" out";

  @Test
  void featuresOfATextAreMeasuredAfterEachSymbol() {
    assertThat(marked("inside quotes")).isEqualTo(
        ".........######################.............###########.....###....."); // an apostrophe is none
  }

  /// A sign for each symbol: # where the feature is more than 0.
  private static String marked(String name) {
    StringBuilder marks = new StringBuilder();
    values(name).forEach(value -> marks.append(value > 0 ? '#' : '.'));
    return marks.toString();
  }

  private static List<Double> values(String name) {
    return Feature.ofText(TEXT.codePoints().toArray()).stream().filter(f -> f.name().equals(name)).findFirst()
        .orElseThrow().values();
  }

  @Test
  void featuresCount() {
    int and = TEXT.indexOf("  And");
    assertThat(values("indentation").subList(and - 1, and + 7)).containsExactly(0., 1., 2., 2., 2., 2., 0., 0.);
    assertThat(values("position in line").subList(and - 1, and + 3)).containsExactly(0., 1., 2., 3.);
    assertThat(values("position in word").subList(0, 4)).containsExactly(1., 2., 0., 1.);
    assertThat(values("position in sentence").get(and - 2)).isZero();
    assertThat(values("end of a word").subList(0, 4)).containsExactly(0., 1., 0., 0.);
    assertThat(marked("inside brackets").indexOf('#')).isEqualTo(TEXT.indexOf('('));
    assertThat(marked("inside brackets").lastIndexOf('#')).isEqualTo(TEXT.indexOf(')') - 1);
    assertThat(marked("digit").indexOf('#')).isEqualTo(TEXT.indexOf("12"));
    assertThat(Feature.ofText()).allSatisfy(feature -> assertThat(feature.values()).isEmpty());
  }

  /// A unit of noise, one that follows, one that does the opposite, one that never changes.
  private static Activations planted(Feature feature, Rng rng) {
    int steps = feature.values().size();
    double[] values = feature.values().stream().mapToDouble(x -> x).toArray();
    Tensor followed = Tensor.of(values, steps, 1).to(DType.FLOAT32);
    Tensor noise = Tensor.normal(rng, DType.FLOAT32, 0, 1, steps, 1);
    Tensor units = Tensor.concat(1, List.of(noise, followed.plus(noise.times(0.01)), followed.negate().plus(noise),
        Tensor.full(DType.FLOAT32, 0.1, steps, 1)));
    Map<String, Tensor> signals = new LinkedHashMap<>();
    signals.put("0.f", noise);
    signals.put("0.h", units);
    return new Activations(units, signals);
  }

  @Test
  void theUnitsThatFollowAFeatureAreFound() {
    List<Double> halves = IntStream.range(0, 400).mapToObj(t -> t % 7 < 3 ? 1. : 0.).toList();
    Feature feature = new Feature("beat", "1 at three of seven", halves);
    Activations seen = planted(feature, Rng.of(1));
    List<Finding> found = Finding.among(seen, List.of(feature), 5);
    assertThat(found).extracting(Finding::signal).containsOnly("0.h");
    assertThat(found).extracting(Finding::unit).startsWith(1, 2).doesNotContain(3);
    double[] opposite = seen.signals().get("0.h").select(1, 2).to(DType.FLOAT64).toDoubles();
    double wanted = new PearsonsCorrelation().correlation(halves.stream().mapToDouble(x -> x).toArray(), opposite);
    assertThat(found.get(1).correlation()).isCloseTo(wanted, within(1e-6)).isNegative();
    assertThat(found.getFirst().correlation()).isGreaterThan(0.99);
    assertThat(found).allSatisfy(f -> assertThat(Math.abs(f.correlation())).isGreaterThan(f.chance()));
    assertThat(Finding.among(seen, List.of(feature), 1)).containsExactly(found.getFirst());
    assertThat(Finding.among(seen, List.of(), 5)).isEmpty();
  }

  @Test
  void eachFeatureHasItsTurnAndEachUnitComesOnce() {
    List<Double> one = IntStream.range(0, 300).mapToObj(t -> t % 5 == 0 ? 1. : 0.).toList();
    List<Double> other = IntStream.range(0, 300).mapToObj(t -> t % 3 == 0 ? 1. : 0.).toList();
    List<Feature> features = List.of(new Feature("one", "", one), new Feature("other", "", other));
    double[] both = IntStream.range(0, 300).boxed().flatMap(t -> List.of(one.get(t), other.get(t)).stream())
        .mapToDouble(x -> x).toArray();
    Tensor units = Tensor.of(both, 300, 2);
    List<Finding> found = Finding.among(new Activations(units, Map.of("h", units)), features, 9);
    assertThat(found).extracting(f -> f.feature().name() + f.unit()).containsExactly("one0", "other1");
  }

  @Test
  void aFeatureThatNeverChangesOrIsOfAnotherLengthFindsNothing() {
    Tensor units = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 50, 3);
    Activations seen = new Activations(units, Map.of("h", units));
    Double[] ones = new Double[50];
    Arrays.fill(ones, 1.);
    assertThat(Finding.among(seen, List.of(new Feature("always", "", List.of(ones))), 3)).isEmpty();
    assertThatThrownBy(() -> Finding.among(seen, List.of(new Feature("short", "", List.of(1.))), 3))
        .isInstanceOf(ShapeException.class).hasMessageContaining("'short' has 1 values, but there are 50 steps");
  }
}
