package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ViewsTest {
  private final Tensor x = Tensor.arange(24).reshape(2, 3, 4); // element [i, j, k] is 12 i + 4 j + k

  private void isView(Tensor view, int... sizes) {
    assertThat(view.sharesStorage(x)).isTrue();
    assertThat(view.shape().sizes()).containsExactly(sizes);
  }

  private static int[] ints(Tensor tensor) {
    return tensor.toInts();
  }

  @Test
  void viewsCopyNothingAndShowTheRightElements() {
    isView(x.transpose(), 2, 4, 3);
    assertThat(x.transpose().at(1, 3, 2)).isEqualTo(x.at(1, 2, 3));
    isView(x.permute(2, 0, 1), 4, 2, 3);
    assertThat(x.permute(2, 0, 1).at(3, 1, 2)).isEqualTo(23);
    isView(x.select(1, -1), 2, 4);
    assertThat(ints(x.select(1, -1))).containsExactly(8, 9, 10, 11, 20, 21, 22, 23);
    isView(x.slice(2, 1, 4, 2), 2, 3, 2);
    assertThat(ints(x.select(0, 0).slice(1, 1, 4, 2))).containsExactly(1, 3, 5, 7, 9, 11);
    isView(x.flip(0), 2, 3, 4);
    assertThat(x.flip(0).at(0, 0, 1)).isEqualTo(13);
    isView(x.unsqueeze(-1), 2, 3, 4, 1);
    isView(x.unsqueeze(0).squeeze(0), 2, 3, 4);
    isView(x.unsqueeze(1).expand(2, 5, 3, 4), 2, 5, 3, 4);
    assertThat(x.unsqueeze(1).expand(2, 5, 3, 4).at(1, 4, 2, 3)).isEqualTo(23);
    isView(x.unfold(2, 3, 1), 2, 3, 2, 3);
    assertThat(x.unfold(2, 3, 1).at(1, 2, 1, 2)).isEqualTo(23);
    isView(x.reshape(6, -1), 6, 4);
    isView(x.transpose(0, 1).reshape(3, 2, 2, 2), 3, 2, 2, 2);
  }

  @Test
  void viewsAllocateNoElements() {
    ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Tensor large = Tensor.zeros(DType.FLOAT32, 500, 600);
    Tensor odd = large.transpose().slice(0, 1, 600, 2);
    for (Supplier<Tensor> view : List.<Supplier<Tensor>>of(() -> large.reshape(250, 1200), large::transpose,
        () -> odd.flip(1),
        () -> odd.unsqueeze(1).expand(300, 9, 500), () -> odd.select(0, -1), () -> odd.split(1, 5).getLast(),
        () -> odd.unfold(1, 3, 2), () -> large.to(DType.FLOAT32), large::contiguous)) {
      assertThat(view.get().sharesStorage(large)).isTrue();   // and what is loaded at first does not count
      long before = memory.getCurrentThreadAllocatedBytes();
      Tensor _ = view.get();
      assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
    }
  }

  @Test
  void reshapeCopiesWhereStridesForceIt() {
    Tensor reshaped = x.transpose().reshape(24);
    assertThat(reshaped.sharesStorage(x)).isFalse();
    assertThat(reshaped.at(1)).isEqualTo(4);
    assertThat(x.expand(2, 3, 4)).isSameAs(x);
  }

  @Test
  void splitAndChunkCutAnAxis() {
    List<Tensor> parts = x.split(2, 2);
    assertThat(parts).hasSize(2).allSatisfy(part -> isView(part, 2, 3, 2));
    assertThat(parts.get(1).at(0, 0, 0)).isEqualTo(2);
    assertThat(x.split(1, new int[] {1, 0, 2}).stream().map(p -> p.size(1))).containsExactly(1, 0, 2);
    assertThat(x.chunk(1, 2).stream().map(p -> p.size(1))).containsExactly(2, 1);
    assertThat(Tensor.zeros(DType.FLOAT32, 0).chunk(0, 3)).hasSize(1);
  }

  @Test
  void squeezeNeedsAnAxisOfSizeOne() {
    refused(() -> x.squeeze(1), "squeeze: axis 1 of [2, 3, 4] has size 3, not 1");
  }

  @Test
  void badArgumentsAreNamed() {
    refused(() -> x.split(2, 3), "split: axis 2 of [2, 3, 4] does not divide into 3 equal parts");
    refused(() -> x.split(1, new int[] {1, 1}), "do not add up to axis 1 of [2, 3, 4]");
    refused(() -> x.reshape(5, -1), "no size for -1");
    refused(() -> x.reshape(-1, -1), "more than one -1");
    refused(() -> x.reshape(5), "[2, 3, 4] has 24 elements, [5] has 5");
    refused(() -> x.permute(0, 1, 1), "does not name every axis");
    refused(() -> x.select(0, 2), "no index 2 on axis 0");
    refused(() -> x.slice(0, 1, 3), "is not within axis 0");
    refused(() -> x.transpose(0, 3), "no axis 3");
    refused(() -> x.expand(2, 3, 5), "[2, 3, 4] does not expand to [2, 3, 5]");
    refused(() -> x.unfold(0, 3, 1), "do not fit axis 0");
    refused(() -> Tensor.zeros(DType.FLOAT32, 70_000, 70_000), "more than 2^31 - 1 elements");
  }

  private static void refused(Runnable call, String message) {
    assertThatExceptionOfType(ShapeException.class).isThrownBy(call::run).withMessageContaining(message);
  }

  @Test
  void emptyAxesFlowThrough() {
    Tensor empty = Tensor.zeros(DType.FLOAT32, 3, 0, 2);
    assertThat(empty.transpose().reshape(0, 6).elements()).isZero();
    assertThat(empty.plus(1).shape()).isEqualTo(empty.shape());
    assertThat(empty.sum(1)).isEqualTo(Tensor.zeros(DType.FLOAT32, 3, 2));
    assertThat(empty.flip(1).copy()).isEqualTo(empty);
    assertThat(Tensor.concat(1, List.of(empty, Tensor.ones(DType.FLOAT32, 3, 1, 2))).elements()).isEqualTo(6);
  }

  @Test
  void changesShowInAllViewsAndRaiseTheirVersion() {
    Tensor floats = Tensor.zeros(DType.FLOAT32, 2, 3);
    Tensor column = floats.select(1, 1);
    int before = floats.version();
    column.plusInPlace(Tensor.ones(DType.FLOAT32, 2));
    assertThat(floats.toFloats()).containsExactly(0, 1, 0, 0, 1, 0);
    assertThat(floats.version()).isGreaterThan(before).isEqualTo(column.version());
  }

  @Test
  void overlappingViewsAndTheirOwnElementsAreSafe() {
    Tensor floats = Tensor.of(new float[] {1, 2, 3, 4}, 4);
    assertThatIllegalStateException().isThrownBy(() -> Tensor.scalar(1f).expand(3).plusInPlace(Tensor.scalar(1f)))
        .withMessageContaining("overlap in memory");
    assertThatIllegalStateException().isThrownBy(() -> floats.unfold(0, 2, 1).fill(1));
    floats.plusInPlace(floats.flip(0));
    assertThat(floats.toFloats()).containsExactly(5, 5, 5, 5);
  }

  @Test
  void randomChainsOfViewsEqualTheirCopies() {
    Random random = new Random(4);
    for (int round = 0; round < 300; round++) {
      Tensor view = Tensor.arange(120).reshape(2, 3, 4, 5);
      Tensor copy = view;
      for (int step = 0; step < 4; step++) {
        int axis = random.nextInt(view.rank());
        int size = view.size(axis);
        int other = random.nextInt(view.rank());
        switch (random.nextInt(4)) {
          case 0 -> {
            view = view.transpose(axis, other);
            copy = copy.transpose(axis, other).copy();
          }
          case 1 -> {
            view = view.flip(axis);
            copy = copy.flip(axis).copy();
          }
          case 2 -> {
            int from = random.nextInt(size);
            view = view.slice(axis, from, size, 2);
            copy = copy.slice(axis, from, size, 2).copy();
          }
          default -> {
            view = view.reshape(-1, view.size(-1));
            copy = copy.reshape(-1, copy.size(-1)).copy();
          }
        }
      }
      assertThat(view).isEqualTo(copy);
      assertThat(view.times(3).minus(copy)).isEqualTo(copy.times(2));
    }
  }

  @Test
  void elementsAreReadByIndex() {
    assertThatThrownBy(() -> x.at(2, 0, 0)).isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("at: [2, 0, 0] is outside [2, 3, 4]");
    refused(() -> x.at(1), "[1] is not an index of [2, 3, 4]");
    refused(() -> x.item(), "has 24 elements, not 1");
  }
}
