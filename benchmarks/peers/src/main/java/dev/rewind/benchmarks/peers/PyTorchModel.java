package dev.rewind.benchmarks.peers;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorT_TensorTensor_T_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The character model in PyTorch's C++ API, with the weights of the char-RNN. Time is the first axis, which is
/// PyTorch's own layout: `[T, B, ..]`.
final class PyTorchModel {
  /// How the recurrent layers are written.
  enum Form {
    /// `nn.LSTM`.
    FUSED,
    /// Primitive operations, the input projection of all steps in one product.
    HOISTED,
    /// Primitive operations, the whole cell in the loop.
    NAIVE
  }

  private record Cell(Tensor inputWeight, Tensor hiddenWeight, Tensor bias) {} // [4H, H], [4H, H], [4H]

  private final Form form;
  private final int layers;
  private final Tensor embedding; // [V, H]
  private final Tensor projection; // [V, H]
  private final Tensor projectionBias; // [V]
  private final LSTMImpl lstm; // only if fused
  private final Cell[] cells; // only if not
  private final TensorVector parameters = new TensorVector();
  private final Tensor h; // [L, B, H], carried from window to window
  private final Tensor c; // [L, B, H]
  private Tensor nextH;
  private Tensor nextC;

  PyTorchModel(Form form, int layers, int hidden, int batch) {
    this.form = form;
    this.layers = layers;
    this.embedding = parameter(weights("embedding.weight", Data.SYMBOLS, hidden));
    this.projection = parameter(weights("linear.weight", Data.SYMBOLS, hidden));
    this.projectionBias = parameter(weights("linear.bias", Data.SYMBOLS));
    this.lstm = form == Form.FUSED ? fused(hidden) : null;
    this.cells = new Cell[form == Form.FUSED ? 0 : layers];
    Arrays.setAll(cells, layer -> {
      String cell = "cells." + layer + ".";
      return new Cell(parameter(weights(cell + "weight_ih", 4 * hidden, hidden)),
          parameter(weights(cell + "weight_hh", 4 * hidden, hidden)), parameter(weights(cell + "bias", 4 * hidden)));
    });
    this.h = torch.zeros(layers, batch, hidden);
    this.c = torch.zeros(layers, batch, hidden);
  }

  private LSTMImpl fused(int hidden) {
    LSTMOptions options = new LSTMOptions(hidden, hidden);
    options.num_layers().put(layers);
    LSTMImpl module = new LSTMImpl(options);
    TensorVector own = module.parameters(); // four for each layer: weight_ih, weight_hh, bias_ih, bias_hh
    try (NoGradGuard _ = new NoGradGuard()) {
      for (int layer = 0; layer < layers; layer++) {
        String cell = "cells." + layer + ".";
        parameters.push_back(own.get(4L * layer).copy_(weights(cell + "weight_ih", 4 * hidden, hidden)));
        parameters.push_back(own.get(4L * layer + 1).copy_(weights(cell + "weight_hh", 4 * hidden, hidden)));
        parameters.push_back(own.get(4L * layer + 2).copy_(weights(cell + "bias", 4 * hidden)));
        // a second bias says nothing new, and would learn as well
        own.get(4L * layer + 3).zero_().requires_grad_(false);
      }
    }
    return module;
  }

  private Tensor parameter(Tensor tensor) {
    parameters.push_back(tensor.requires_grad_(true));
    return tensor;
  }

  /// What is trained.
  TensorVector parameters() {
    return parameters;
  }

  /// Reads symbols `[T, B]` from the state in which the last call ended; logits `[T * B, V]`.
  Tensor forward(Tensor ids) {
    Tensor x = torch.embedding(embedding, ids); // [T, B, H]
    Tensor y = switch (form) {
      case FUSED -> fused(x);
      case HOISTED -> hoisted(x);
      case NAIVE -> naive(x);
    };
    return torch.linear(y.reshape(-1, y.size(2)), projection, projectionBias);
  }

  private Tensor fused(Tensor x) {
    T_TensorT_TensorTensor_T_T run = lstm.forward(x, new T_TensorTensor_T(h, c));
    carry(run.get1().get0(), run.get1().get1());
    return run.get0();
  }

  /// Layer by layer.
  private Tensor hoisted(Tensor x) {
    Tensor[] hs = h.unbind(0).get();
    Tensor[] cs = c.unbind(0).get();
    Tensor y = x;
    for (int layer = 0; layer < layers; layer++) {
      Cell cell = cells[layer];
      Tensor recurrent = cell.hiddenWeight.t();
      TensorVector outputs = new TensorVector();
      for (Tensor prepared : torch.linear(y, cell.inputWeight, cell.bias).unbind(0).get()) {
        step(prepared, recurrent, hs, cs, layer);
        outputs.push_back(hs[layer]);
      }
      y = torch.stack(outputs, 0);
    }
    carry(torch.stack(new TensorVector(hs), 0), torch.stack(new TensorVector(cs), 0));
    return y;
  }

  /// Step by step.
  private Tensor naive(Tensor x) {
    Tensor[] hs = h.unbind(0).get();
    Tensor[] cs = c.unbind(0).get();
    Tensor[] recurrent = Arrays.stream(cells).map(cell -> cell.hiddenWeight.t()).toArray(Tensor[]::new);
    TensorVector outputs = new TensorVector();
    for (Tensor input : x.unbind(0).get()) {
      Tensor z = input;
      for (int layer = 0; layer < layers; layer++) {
        step(torch.linear(z, cells[layer].inputWeight, cells[layer].bias), recurrent[layer], hs, cs, layer);
        z = hs[layer];
      }
      outputs.push_back(z);
    }
    carry(torch.stack(new TensorVector(hs), 0), torch.stack(new TensorVector(cs), 0));
    return torch.stack(outputs, 0);
  }

  /// @param prepared the projected input, `[B, 4H]`
  /// @param recurrent `[H, 4H]`
  private static void step(Tensor prepared, Tensor recurrent, Tensor[] hs, Tensor[] cs, int layer) {
    Tensor[] gates = torch.addmm(prepared, hs[layer], recurrent).chunk(4, 1).get();
    Tensor i = torch.sigmoid(gates[0]);
    Tensor f = torch.sigmoid(gates[1]);
    Tensor g = torch.tanh(gates[2]);
    Tensor o = torch.sigmoid(gates[3]);
    cs[layer] = f.mul(cs[layer]).add(i.mul(g));
    hs[layer] = o.mul(torch.tanh(cs[layer]));
  }

  private void carry(Tensor newH, Tensor newC) {
    nextH = newH.detach();
    nextC = newC.detach();
  }

  /// Makes the state after the last call the state before the next; to be called when its gradients are there.
  void advance() {
    try (NoGradGuard _ = new NoGradGuard()) {
      h.copy_(nextH);
      c.copy_(nextC);
    }
  }

  /// The weights that both sides have.
  static Tensor weights(String name, int... sizes) {
    return Tensor.create(Data.weights(name, sizes), IntStream.of(sizes).asLongStream().toArray());
  }

  /// The elements of a tensor.
  static double[] toDoubles(Tensor tensor) {
    float[] elements = new float[(int) tensor.numel()];
    tensor.contiguous().data_ptr_float().get(elements);
    return IntStream.range(0, elements.length).mapToDouble(i -> elements[i]).toArray();
  }
}
