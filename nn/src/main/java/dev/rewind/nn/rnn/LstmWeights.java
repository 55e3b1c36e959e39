package dev.rewind.nn.rnn;

import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.FloatMatrices;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.MatrixKernels;
import dev.rewind.tensor.kernel.PackedMatrix;

/// The weights of an LSTM layer in the order in which products read them; arranged anew only after they changed.
final class LstmWeights {
  private final int inputs;
  private final int hidden;
  private final MatrixKernels matrices = Kernels.active().matrices();
  private final float[] joined; // [4H, F + 1]: weight_ih with the bias as its last column
  private final PackedMatrix input; // [F + 1, 4H]
  private final PackedMatrix recurrent; // [H, 4H]
  private PackedMatrix inputBack; // [4H, F]; null before it is first wanted
  private PackedMatrix hiddenBack; // [4H, H]; likewise
  private Source source;
  private boolean forward; // whether what is packed is up to date
  private boolean inputBackward;
  private boolean hiddenBackward;

  LstmWeights(int inputs, int hidden) {
    this.inputs = inputs;
    this.hidden = hidden;
    this.joined = new float[Math.multiplyExact(4 * hidden, inputs + 1)];
    this.input = matrices.allocate(inputs + 1, 4 * hidden);
    this.recurrent = matrices.allocate(hidden, 4 * hidden);
  }

  /// Where the weights are, `weight_ih [4H, F]`, `weight_hh [4H, H]` and `bias [4H]`, as they were at their versions.
  record Source(Tensor input, int inputVersion, Tensor hidden, int hiddenVersion, Tensor bias, int biasVersion) {
    static Source of(Tensor input, Tensor hidden, Tensor bias) {
      return new Source(input, input.version(), hidden, hidden.version(), bias, bias.version());
    }

    boolean isSame(Source other) {
      return other != null && input == other.input && inputVersion == other.inputVersion && hidden == other.hidden
          && hiddenVersion == other.hiddenVersion && bias == other.bias && biasVersion == other.biasVersion;
    }
  }

  /// From now on, these weights.
  void use(Source now) {
    if (!now.isSame(source)) {
      source = now;
      forward = false;
      inputBackward = false;
      hiddenBackward = false;
    }
  }

  /// `[weight_ih'; bias]`, `[F + 1, 4H]`.
  PackedMatrix input() {
    packForward();
    return input;
  }

  /// `weight_hh'`, `[H, 4H]`.
  PackedMatrix hidden() {
    packForward();
    return recurrent;
  }

  private void packForward() {
    if (forward) {
      return;
    }
    Slice w = Slice.of(source.input);
    Slice bias = Slice.of(source.bias);
    for (int row = 0; row < 4 * hidden; row++) {
      System.arraycopy(w.array(), w.offset() + row * inputs, joined, row * (inputs + 1), inputs);
      joined[row * (inputs + 1) + inputs] = bias.array()[bias.offset() + row];
    }
    FloatMatrices.pack(matrices, input, joined, 0, 1, inputs + 1);
    Slice h = Slice.of(source.hidden);
    FloatMatrices.pack(matrices, recurrent, h.array(), h.offset(), 1, hidden);
    forward = true;
  }

  /// `weight_ih`, `[4H, F]`.
  PackedMatrix inputBack() {
    if (!inputBackward) {
      inputBack = packed(inputBack, source.input, inputs);
      inputBackward = true;
    }
    return inputBack;
  }

  /// `weight_hh`, `[4H, H]`.
  PackedMatrix hiddenBack() {
    if (!hiddenBackward) {
      hiddenBack = packed(hiddenBack, source.hidden, hidden);
      hiddenBackward = true;
    }
    return hiddenBack;
  }

  private PackedMatrix packed(PackedMatrix target, Tensor weight, int columns) {
    PackedMatrix packed = target == null ? matrices.allocate(4 * hidden, columns) : target;
    Slice w = Slice.of(weight);
    FloatMatrices.pack(matrices, packed, w.array(), w.offset(), columns, 1);
    return packed;
  }
}
