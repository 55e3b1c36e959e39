package dev.rewind.benchmarks.peers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.io.Conversions;
import dev.rewind.nn.io.Mapping;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.io.TensorFormat;
import dev.rewind.tensor.Rng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Does PyTorch's own reader of `torch.save`'s files, that of its C++ library, read ours, and do we read what it writes?
/// A model goes to PyTorch in a file, and comes back in another with other weights; both sides must have the same loss.
final class TorchFiles {
  private static final int HIDDEN = 32;
  private static final int LAYERS = 2;
  private static final int[] IDS = Rng.of(3).permutation(Data.SYMBOLS);

  private TorchFiles() {}

  /// Ours, which predicts the next of the symbols.
  private static final class Model extends Block {
    private final Embedding embedding = child("embedding", new Embedding(Data.SYMBOLS, HIDDEN, Rng.of(1)));
    private final Lstm lstm = child("lstm",
        new Lstm(RecurrentOptions.of(HIDDEN, HIDDEN).withLayers(LAYERS), Rng.of(2)));
    private final Linear head = child("head", new Linear(HIDDEN, Data.SYMBOLS, Rng.of(3)));

    double loss() {
      dev.rewind.tensor.Tensor all = dev.rewind.tensor.Tensor.wrap(IDS.clone(), 1, IDS.length);
      Variable ids = Tape.inference().constant(all.slice(1, 0, IDS.length - 1));
      Variable logits = head.forward(lstm.forward(embedding.forward(ids)).outputs());
      return Losses.crossEntropy(logits, all.slice(1, 1, IDS.length)).item();
    }
  }

  /// The same in PyTorch, from what its reader made of a file.
  private static double loss(GenericDict state) {
    LSTMOptions options = new LSTMOptions(HIDDEN, HIDDEN);
    options.num_layers().put(LAYERS);
    LSTMImpl lstm = new LSTMImpl(options);
    try (NoGradGuard _ = new NoGradGuard()) {
      for (int layer = 0; layer < LAYERS; layer++) {
        int place = 4 * layer;
        for (String name : new String[] {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
          lstm.parameters().get(place++).copy_(get(state, "lstm." + name + "_l" + layer));
        }
      }
      Tensor ids = Tensor.create(Arrays.stream(IDS).asLongStream().toArray(), IDS.length);
      Tensor x = torch.embedding(get(state, "embedding.weight"), ids.narrow(0, 0, IDS.length - 1)).unsqueeze(1);
      Tensor y = lstm.forward(x).get0().squeeze(1); // [T, H]
      Tensor logits = torch.linear(y, get(state, "head.weight"), get(state, "head.bias"));
      return torch.cross_entropy(logits, ids.narrow(0, 1, IDS.length - 1)).item_float();
    }
  }

  private static Tensor get(GenericDict state, String name) {
    return state.at(new IValue(name)).toTensor();
  }

  private static void compare(String what, double ours, double theirs) {
    System.out.printf("%s: loss %.7f here, %.7f in PyTorch%n", what, ours, theirs);
    if (!(Math.abs(ours - theirs) <= 1e-5)) {
      throw new AssertionError(what + ": the losses differ");
    }
  }

  /// Prints both losses of both files; ends with an error if they differ by more than 1e-5.
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("torch-files");
    Model model = new Model();
    Path ours = folder.resolve("ours.pt");
    new TensorFile(Conversions.toPyTorch(model.state()), Map.of()).write(ours, TensorFormat.TORCH);
    IValue read = torch.pickle_load(new ByteVector(Files.readAllBytes(ours)));
    GenericDict state = read.toGenericDict();
    compare("our file, read by PyTorch", model.loss(), loss(state));
    torch.manual_seed(1);
    model.state().keySet().forEach(name -> get(state, name).uniform_(-0.5, 0.5, new GeneratorOptional()));
    Path theirs = Files.write(folder.resolve("theirs.pt"), bytes(torch.pickle_save(read)));
    System.out.println(TensorFile.read(theirs).load(model, Mapping.PYTORCH));
    compare("PyTorch's file, read here", model.loss(), loss(state));
  }

  private static byte[] bytes(ByteVector vector) {
    byte[] bytes = new byte[(int) vector.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = vector.get(i);
    }
    return bytes;
  }
}
