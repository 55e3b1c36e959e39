package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.Comparison;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopsTest {
  /// Operands whose elements lie apart, backwards or are one that repeats, over more than two of the blocks they are
  /// brought into.
  @ParameterizedTest
  @CsvSource({"0, 1, 1", "1, 0, 2", "2, 3, 1", "0, 0, -1", "-1, 2, 0", "3, -2, 3"})
  void stridedOperands(int as, int bs, int cs) {
    int n = 2 * Loops.BLOCK + 37;
    Random random = new Random(n);
    float[] a = new float[3 * n + 1];
    float[] b = new float[3 * n + 1];
    boolean[] c = new boolean[3 * n + 1];
    for (int i = 0; i < c.length; i++) {
      a[i] = random.nextInt(5);
      b[i] = random.nextInt(5);
      c[i] = random.nextBoolean();
    }
    int ao = as < 0 ? 3 * n : 0;
    int bo = bs < 0 ? 3 * n : 0;
    int co = cs < 0 ? 3 * n : 0;
    float[] sums = new float[2 * n];
    float[] choices = new float[n];
    boolean[] less = new boolean[n];
    Storage left = Storage.of(a);
    Storage right = Storage.of(b);
    Loops.binary(Binary.PLUS, left, ao, as, right, bo, bs, Storage.of(sums), 0, 2, n);
    Loops.where(c, co, cs, left, ao, as, right, bo, bs, Storage.of(choices), 0, n);
    Loops.compare(Comparison.LESS, left, ao, as, right, bo, bs, less, 0, n);
    for (int i = 0; i < n; i++) {
      float p = a[ao + i * as];
      float q = b[bo + i * bs];
      assertThat(sums[2 * i]).as("sum %d", i).isEqualTo(p + q);
      assertThat(choices[i]).as("choice %d", i).isEqualTo(c[co + i * cs] ? p : q);
      assertThat(less[i]).as("comparison %d", i).isEqualTo(p < q);
    }
  }
}
