package dev.rewind.nn.fused;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.PackedMatrix;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/// The weights of a fused layer in the order in which products read them; arranged anew only after they changed. P and
/// Q are the columns of sums to which input and state contribute.
final class FusedWeights {
  private final FusedKind kind;
  private final int inputs;
  private final int hidden;
  private final Tensor joined; // [P, F + 1]: weight_ih in the order of the sums, with the bias as its last column
  private final Tensor hiddenJoined; // [Q, 1 + H]: weight_hh with its bias as first column; null without such a bias
  private List<Tensor> source = List.of();
  private List<Integer> versions = List.of();
  private PackedMatrix input; // these are null before they are first wanted
  private PackedMatrix recurrent;
  private PackedMatrix inputBack;
  private PackedMatrix hiddenBack;

  FusedWeights(FusedKind.Sizes sizes) {
    this.kind = sizes.kind();
    this.inputs = sizes.inputs();
    this.hidden = sizes.hidden();
    this.joined = Tensor.zeros(DType.FLOAT32, sizes.inputColumns(), inputs + 1);
    this.hiddenJoined = kind.hasHiddenBias()
        ? Tensor.zeros(DType.FLOAT32, (kind.blocks - kind.hiddenFrom) * hidden, 1 + hidden) : null;
  }

  /// From now on, `weight_ih`, `weight_hh`, `bias_ih` and, where there is one, `bias_hh`. With a table the first and
  /// the third are not read.
  void use(List<Tensor> weights) {
    List<Integer> now = weights.stream().map(Tensor::version).toList();
    if (now.equals(versions) && IntStream.range(0, now.size()).allMatch(k -> weights.get(k) == source.get(k))) {
      return;
    }
    source = weights;
    versions = now;
    if (inputs > 0) {
      joined.slice(1, 0, inputs).assign(kind.ordered(weights.get(0)));
      joined.select(1, inputs).assign(kind.ordered(weights.get(2)));
    }
    if (hiddenJoined != null) {
      hiddenJoined.select(1, 0).assign(weights.get(3));
      hiddenJoined.slice(1, 1, 1 + hidden).assign(weights.get(1));
    }
  }

  /// `[weight_ih'; bias_ih]`, `[F + 1, P]`.
  PackedMatrix input() {
    input = current(input, joined.transpose());
    return input;
  }

  /// `weight_hh'`, `[H, Q]`, or `[bias_hh; weight_hh']`, `[1 + H, Q]`.
  PackedMatrix hidden() {
    recurrent = current(recurrent, (hiddenJoined == null ? source.get(1) : hiddenJoined).transpose());
    return recurrent;
  }

  /// `weight_ih` in the order of the sums, `[P, F]`.
  PackedMatrix inputBack() {
    inputBack = current(inputBack, joined.slice(1, 0, inputs));
    return inputBack;
  }

  /// `weight_hh`, `[Q, H]`.
  PackedMatrix hiddenBack() {
    hiddenBack = current(hiddenBack, source.get(1));
    return hiddenBack;
  }

  private static PackedMatrix current(PackedMatrix packed, Tensor matrix) {
    return packed == null ? PackedMatrix.of(matrix) : packed.isOf(matrix) ? packed : packed.pack(matrix);
  }
}
