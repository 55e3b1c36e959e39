package dev.rewind.nn.fused;

import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.product.FloatMatrices;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.PackedPanels;
import java.util.Arrays;
import java.util.List;

/// The weights of a fused layer in the order in which products read them; arranged anew only after they changed. P and
/// Q are the columns of sums to which input and state contribute.
final class FusedWeights {
  private final FusedKind kind;
  private final int inputs;
  private final int hidden;
  private final boolean tabulated; // what the input contributes is in a table
  private final MatrixKernels matrices = Kernels.active().matrices();
  private final float[] joined; // [P, F + 1]: weight_ih in the order of the sums, with the bias as its last column
  private final float[] hiddenJoined; // [Q, 1 + H]: weight_hh with its bias as first column; null without such a bias
  private final PackedPanels input; // [F + 1, P]
  private final PackedPanels recurrent; // [H, Q], or [1 + H, Q] with a bias
  private PackedPanels inputBack; // [P, F]; null before it is first wanted
  private PackedPanels hiddenBack; // [Q, H]; likewise
  private List<Tensor> source = List.of();
  private int[] versions = {};
  private boolean forward; // whether what is packed is up to date
  private boolean inputBackward;
  private boolean hiddenBackward;

  FusedWeights(FusedKind.Sizes sizes) {
    this.kind = sizes.kind();
    this.inputs = sizes.inputs();
    this.hidden = sizes.hidden();
    this.tabulated = inputs == 0;
    int p = kind.inputBlocks() * hidden;
    int q = (kind.blocks() - kind.hiddenFrom()) * hidden;
    int one = kind.hasHiddenBias() ? 1 : 0;
    this.joined = new float[Math.multiplyExact(p, sizes.ahead())];
    this.hiddenJoined = one == 0 ? null : new float[Math.multiplyExact(q, 1 + hidden)];
    this.input = matrices.allocate(sizes.ahead(), p);
    this.recurrent = matrices.allocate(one + hidden, q);
  }

  /// From now on, `weight_ih`, `weight_hh`, `bias_ih` and, where there is one, `bias_hh`. With a table the first and
  /// the third are not read.
  void use(List<Tensor> weights) {
    int[] now = weights.stream().mapToInt(Tensor::version).toArray();
    boolean same = Arrays.equals(now, versions);
    for (int k = 0; k < weights.size() && same; k++) {
      same = weights.get(k) == source.get(k);
    }
    if (!same) {
      source = weights;
      versions = now;
      forward = false;
      inputBackward = false;
      hiddenBackward = false;
    }
  }

  /// `[weight_ih'; bias_ih]`, `[F + 1, P]`.
  PackedPanels input() {
    packForward();
    return input;
  }

  /// `weight_hh'`, `[H, Q]`, or `[bias_hh; weight_hh']`, `[1 + H, Q]`.
  PackedPanels hidden() {
    packForward();
    return recurrent;
  }

  private void packForward() {
    if (forward) {
      return;
    }
    if (!tabulated) {
      packInput();
    }
    Slice state = Slice.of(source.get(1));
    if (hiddenJoined == null) {
      FloatMatrices.pack(matrices, recurrent, state.array(), state.offset(), 1, hidden);
    } else {
      Slice second = Slice.of(source.get(3));
      for (int row = 0; row < recurrent.n(); row++) {
        hiddenJoined[row * (1 + hidden)] = second.array()[second.offset() + row];
        System.arraycopy(state.array(), state.offset() + row * hidden, hiddenJoined, row * (1 + hidden) + 1, hidden);
      }
      FloatMatrices.pack(matrices, recurrent, hiddenJoined, 0, 1, 1 + hidden);
    }
    forward = true;
  }

  private void packInput() {
    Slice weight = Slice.of(source.get(0));
    Slice bias = Slice.of(source.get(2));
    for (int block = 0; block < kind.inputBlocks(); block++) {
      join(weight, bias, kind.source(block) * hidden, block * hidden);
    }
    FloatMatrices.pack(matrices, input, joined, 0, 1, inputs + 1);
  }

  private void join(Slice weight, Slice bias, int from, int to) {
    for (int row = 0; row < hidden; row++) {
      int target = (to + row) * (inputs + 1);
      System.arraycopy(weight.array(), weight.offset() + (from + row) * inputs, joined, target, inputs);
      joined[target + inputs] = bias.array()[bias.offset() + from + row];
    }
  }

  /// `weight_ih` in the order of the sums, `[P, F]`.
  PackedPanels inputBack() {
    if (!inputBackward) {
      packForward();
      inputBack = inputBack == null ? matrices.allocate(input.n(), inputs) : inputBack;
      FloatMatrices.pack(matrices, inputBack, joined, 0, inputs + 1, 1);
      inputBackward = true;
    }
    return inputBack;
  }

  /// `weight_hh`, `[Q, H]`.
  PackedPanels hiddenBack() {
    if (!hiddenBackward) {
      hiddenBack = hiddenBack == null ? matrices.allocate(recurrent.n(), hidden) : hiddenBack;
      Slice weight = Slice.of(source.get(1));
      FloatMatrices.pack(matrices, hiddenBack, weight.array(), weight.offset(), hidden, 1);
      hiddenBackward = true;
    }
    return hiddenBack;
  }
}
