package dev.rewind.examples.charrnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  private static final Vocabulary SMALL = Vocabulary.ofText("hello, 😀é\n".codePoints().toArray());

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(UserError.class).hasMessage(message);
  }

  @Test
  void symbolsOfATextAscend() {
    assertThat(SMALL.asString()).isEqualTo("\n ,ehloé😀");
    assertThat(SMALL.size()).isEqualTo(9);
    assertThat(SMALL.symbol(8)).isEqualTo(0x1F600);
  }

  @Test
  void encodingAndDecodingAreInverse() {
    assertThat(SMALL.encode("😀\nhe")).containsExactly(8, 0, 4, 3);
    assertThat(SMALL.decode(8, 0, 4, 3)).isEqualTo("😀\nhe");
    assertThat(SMALL.encode("")).isEmpty();
    assertThat(SMALL.decode()).isEmpty();
  }

  @Test
  void theOrderOfAnotherProgramIsKept() {
    Vocabulary other = Vocabulary.of("zaé");
    assertThat(other.encode("az")).containsExactly(1, 0);
    assertThat(Vocabulary.of(other.asString())).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(other).isNotEqualTo(Vocabulary.of("azé"));
  }

  @Test
  void aVocabularyOfOneSymbol() {
    Vocabulary one = Vocabulary.of("\0");
    assertThat(one.encode("\0\0")).containsExactly(0, 0);
    assertThat(one.contains(0)).isTrue();
    assertThat(one.contains(1)).isFalse();
    assertThat(one.contains(-1)).isFalse();
  }

  @Test
  void namesTheUnknownSymbolAndItsPlace() {
    assertRefused(() -> SMALL.encode("hello\nhexo"),
        "the text: 'x' (U+0078) at offset 8 (line 2, column 3) is not among the 9 symbols of the model");
    assertRefused(() -> SMALL.encode(new int[] {'\t'}, "--prompt"),
        "--prompt: CHARACTER TABULATION (U+0009) at offset 0 (line 1, column 1) is not among the 9 symbols of the "
            + "model");
    assertRefused(() -> SMALL.id(0x1F601), "'😁' (U+1F601) is not among the 9 symbols of the model");
    assertRefused(() -> SMALL.id(0xA0), "NO-BREAK SPACE (U+00A0) is not among the 9 symbols of the model");
    assertRefused(() -> SMALL.id(0x301), "COMBINING ACUTE ACCENT (U+0301) is not among the 9 symbols of the model");
  }

  @Test
  void anUnknownSymbolStandsForTheOthers() {
    Vocabulary vocabulary = Vocabulary.of("ab?").withUnknown(2);
    assertThat(vocabulary.unknown()).hasValue(2);
    assertThat(vocabulary.encode("axb?")).containsExactly(0, 2, 1, 2);
    assertThat(vocabulary.id('x')).isEqualTo(2);
    assertThat(vocabulary.contains('x')).isFalse();
    assertThat(vocabulary).isNotEqualTo(Vocabulary.of("ab?"));
    assertThat(Vocabulary.of("ab?").unknown()).isEmpty();
  }

  @Test
  void rareSymbolsOfATextBecomeTheReplacementCharacter() {
    int[] text = "abab😀\uFFFDcab".codePoints().toArray();
    Vocabulary common = Vocabulary.ofText(text, 2);
    assertThat(common).isEqualTo(Vocabulary.of("ab\uFFFD").withUnknown(2));
    assertThat(common.encode(text)).containsExactly(0, 1, 0, 1, 2, 2, 2, 0, 1);
    assertThat(Vocabulary.ofText("abab".codePoints().toArray(), 2)).isEqualTo(Vocabulary.of("ab"));
    assertThat(Vocabulary.ofText("aa😀".codePoints().toArray(), 2)).isEqualTo(Vocabulary.of("a\uFFFD").withUnknown(1));
    assertRefused(() -> Vocabulary.ofText(text, 4),
        "no symbol of the text is there 4 times or more; the most frequent one is there 3 times");
  }

  @Test
  void refusesWhatIsNoVocabulary() {
    assertRefused(() -> Vocabulary.of(""), "a vocabulary needs at least one symbol");
    assertRefused(() -> Vocabulary.ofText(new int[0]), "a vocabulary needs at least one symbol");
    assertRefused(() -> Vocabulary.of("abca"), "the vocabulary holds 'a' (U+0061) twice, as 0 and as 3");
    assertThatThrownBy(() -> Vocabulary.of("a\uD800b")).isInstanceOf(UserError.class)
        .hasMessageContaining("symbol 1 of the vocabulary is half a surrogate pair").hasMessageContaining("U+D800");
    assertRefused(() -> Vocabulary.of("ab").withUnknown(2),
        "the unknown symbol is to be number 2 of a vocabulary of 2");
    assertRefused(() -> Vocabulary.of("ab").withUnknown(-1),
        "the unknown symbol is to be number -1 of a vocabulary of 2");
  }

  @Test
  void anIdWithoutSymbolIsAnError() {
    assertThatThrownBy(() -> SMALL.decode(9)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> SMALL.symbol(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
