package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.cells.Gru;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappingTest {
  private static final class Tagger extends Block {
    Tagger(int seed) {
      child("embedding", new Embedding(7, 3, Rng.of(seed)));
      child("lstm", new Lstm(RecurrentOptions.of(3, 4).withBidirectional(true), Rng.of(seed + 1)));
      child("head", new Linear(8, 5, Rng.of(seed + 2)));
    }
  }

  private final Tagger model = new Tagger(1);
  private final Map<String, Tensor> before = model.state();
  private final Map<String, Tensor> other = new Tagger(50).state();

  private static TensorFile file(Map<String, Tensor> tensors) {
    return new TensorFile(tensors, Map.of());
  }

  private TensorFile changed(String name, Tensor tensor) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(other);
    if (tensor == null) {
      tensors.remove(name);
    } else {
      tensors.put(name, tensor);
    }
    return file(tensors);
  }

  @Test
  void equalNamesNeedNoMapping() {
    LoadReport report = file(other).load(model);
    assertThat(report.isComplete()).isTrue();
    assertThat(report.matched()).hasSize(9).containsEntry("head.bias", List.of("head.bias"));
    assertThat(report).hasToString("matched: 9");
    assertThat(model.state()).isEqualTo(other).isNotEqualTo(before);
  }

  @Test
  void namesAreChangedInOrder() {
    Map<String, Tensor> theirs = new LinkedHashMap<>();
    other.forEach((name, tensor) -> theirs.put("module." + name.replace("lstm.", "rnn.0."), tensor));
    LoadReport report = file(theirs).load(model,
        Mapping.SAME_NAMES.withoutPrefix("module.").rename("^rnn\\.(\\d)\\.", "lstm$1.").rename("lstm0", "lstm"));
    assertThat(model.state()).isEqualTo(other);
    assertThat(report.toString()).startsWith("matched: 9\n  embedding.weight from module.embedding.weight\n")
        .contains("lstm.weight_ih_l0 from module.rnn.0.weight_ih_l0");
  }

  @Test
  void aFileMayHoldAPart() {
    Linear head = new Linear(8, 5, Rng.of(9));
    Mapping part = Mapping.SAME_NAMES.withPrefix("head.");
    assertThatThrownBy(() -> file(head.state()).load(model, part)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("missing: embedding.weight, lstm.weight_ih_l0");
    assertThat(model.state()).isEqualTo(before);
    LoadReport report = file(head.state()).load(model, part.only("head"));
    assertThat(report.isComplete()).isTrue();
    assertThat(model.state().get("head.weight")).isEqualTo(head.state().get("weight"));
    assertThat(model.state().get("embedding.weight")).isEqualTo(before.get("embedding.weight"));
  }

  @Test
  void ofAWholeFileAPartMayBeTaken() {
    assertThat(file(other).load(model, Mapping.SAME_NAMES.only("lstm.*_reverse")).matched()).hasSize(3);
    assertThat(model.state().get("lstm.bias_ih_l0_reverse")).isEqualTo(other.get("lstm.bias_ih_l0_reverse"));
    assertThat(model.state().get("lstm.bias_ih_l0")).isEqualTo(before.get("lstm.bias_ih_l0"));
    assertThatThrownBy(() -> file(other).load(model, Mapping.SAME_NAMES.only("encoder")))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("load: 'encoder' is not a parameter");
  }

  @Test
  void everythingThatDoesNotFitIsReportedAtOnceAndNothingChanged() {
    Map<String, Tensor> tensors = new LinkedHashMap<>(other);
    tensors.remove("embedding.weight");
    tensors.put("extra", Tensor.scalar(1f));
    tensors.put("head.weight", Tensor.zeros(DType.FLOAT32, 5, 9));
    tensors.put("head.bias", Tensor.zeros(DType.INT32, 5));
    assertThatThrownBy(() -> file(tensors).load(model)).isInstanceOf(IllegalArgumentException.class).hasMessage("""
        load: the tensors do not fit the model; nothing was changed
        matched: 6
        missing: embedding.weight
        unexpected: extra
        of another shape or dtype: head.weight is F32 [5, 9], wanted [5, 8] for head.weight, \
        head.bias is I32 [5], wanted a floating dtype and [5] for head.bias""");
    assertThat(model.state()).isEqualTo(before);
  }

  @Test
  void rulesThatMatchNothingAreNamed() {
    Mapping mapping = Mapping.PYTORCH.withoutPrefix("modul.").rename("lstm", "rnn").rename("rnn", "lstm").ignore("haed")
        .ignore("head");
    assertThatThrownBy(() -> file(other).load(model, mapping)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("missing: head.weight, head.bias\n"
            + "rules that matched nothing: rename ^\\Qmodul.\\E, ignore haed");
    assertThat(file(other).load(model, Mapping.SAME_NAMES.withPrefix("").ignore("none")).unused())
        .containsExactly("ignore none");
  }

  @Test
  void lenientMappingsTakeWhatThereIs() {
    Mapping lenient = Mapping.SAME_NAMES.lenient();
    assertThat(changed("extra", Tensor.scalar(1f)).load(model, lenient).unexpected()).containsExactly("extra");
    assertThat(changed("head.bias", null).load(model, lenient).missing()).containsExactly("head.bias");
    assertThatThrownBy(() -> changed("head.bias", Tensor.zeros(DType.FLOAT32, 6)).load(model, lenient))
        .hasMessageContaining("head.bias is F32 [6], wanted [5]");
    LoadReport report = changed("head.bias", Tensor.zeros(DType.FLOAT32, 6)).load(model, lenient.ignore("head"));
    assertThat(report.missing()).containsExactly("head.weight", "head.bias");
    assertThat(report.unexpected()).isEmpty();
  }

  @Test
  void twoBiasesBecomeTheSumWhereTheModelHasOne() {
    Map<String, Tensor> theirs = new LinkedHashMap<>(other);
    Tensor second = Tensor.arange(16).to(DType.FLOAT64);
    theirs.put("lstm.bias_hh_l0", second);
    theirs.put("lstm.bias_hh_l0_reverse", Tensor.zeros(DType.FLOAT32, 16));
    LoadReport report = file(theirs).load(model, Mapping.PYTORCH);
    assertThat(report.matched()).containsEntry("lstm.bias_ih_l0", List.of("lstm.bias_ih_l0", "lstm.bias_hh_l0"));
    assertThat(model.state().get("lstm.bias_ih_l0"))
        .isEqualTo(other.get("lstm.bias_ih_l0").plus(second.to(DType.FLOAT32)));
    LstmCell cell = new LstmCell(3, 4, Rng.of(3));
    file(Map.of("weight_ih", other.get("lstm.weight_ih_l0"), "weight_hh", other.get("lstm.weight_hh_l0"),
        "bias_ih", other.get("lstm.bias_ih_l0"), "bias_hh", second)).load(cell, Mapping.PYTORCH);
    assertThat(cell.state().get("bias")).isEqualTo(model.state().get("lstm.bias_ih_l0"));
  }

  @Test
  void twoBiasesStayTwoWhereTheModelHasTwo() {
    Gru gru = new Gru(RecurrentOptions.of(3, 4), Rng.of(1));
    Map<String, Tensor> theirs = new Gru(RecurrentOptions.of(3, 4), Rng.of(2)).state();
    file(theirs).load(gru, Mapping.PYTORCH);
    assertThat(gru.state()).isEqualTo(theirs).hasSize(4);
  }

  @Test
  void twoTensorsForOneParameterAreRefused() {
    assertThatThrownBy(() -> changed("x.head.bias", Tensor.zeros(DType.FLOAT32, 5)).load(model,
        Mapping.SAME_NAMES.withoutPrefix("x."))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("load: head.bias and x.head.bias are both for the parameter head.bias");
    assertThat(model.state()).isEqualTo(before);
  }

  @Test
  void mapsAreRenamedForOtherPrograms() {
    Map<String, Tensor> theirs = Mapping.SAME_NAMES.ignore("head").rename("^", "module.").apply(other);
    assertThat(theirs).hasSize(7).containsEntry("module.embedding.weight", other.get("embedding.weight"));
    assertThatThrownBy(() -> Mapping.SAME_NAMES.rename(".*bias.*", "b").apply(other))
        .hasMessageContaining("two tensors would be called b");
  }

  @ParameterizedTest
  @CsvSource({"(, x, is not a regular expression", "a, $1, No group 1", "a, \\, does not fit"})
  void rulesAreCheckedWhenTheyAreMade(String regex, String replacement, String reason) {
    assertThatThrownBy(() -> Mapping.SAME_NAMES.rename(regex, replacement))
        .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("rename: ").hasMessageContaining(reason);
    assertThatThrownBy(() -> Mapping.SAME_NAMES.ignore("*"))
        .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("ignore: '*'");
  }
}
