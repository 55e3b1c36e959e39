package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.Linear;
import dev.rewind.nn.attention.MultiheadAttention;
import dev.rewind.nn.cells.Gru;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.ProjectedLstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.cells.Rnn;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of ours read by NumPy and PyTorch, and theirs by us.
class OtherReadersTest {
  @TempDir
  Path directory;

  private static Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("floats", Tensor.of(new float[] {1.5f, -0f, 3, 4, 5, 6}, 2, 3));
    tensors.put("doubles", Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).transpose());
    tensors.put("ints", Tensor.of(new int[] {Integer.MIN_VALUE, 7}));
    tensors.put("truth", Tensor.of(new boolean[] {true, false, true}, 3, 1));
    tensors.put("scalar", Tensor.scalar(2f));
    tensors.put("empty", Tensor.zeros(DType.FLOAT32, 0, 4));
    return tensors;
  }

  private static final String WANTED = """
      import numpy as np
      wanted = {
          "floats": np.array([[1.5, -0.0, 3], [4, 5, 6]], np.float32),
          "doubles": np.array([[1, 4], [2, 5], [3, 6]], np.float64),
          "ints": np.array([-2147483648, 7], np.int32),
          "truth": np.array([[True], [False], [True]]),
          "scalar": np.array(2, np.float32),
          "empty": np.zeros((0, 4), np.float32),
      }
      def check(found):
          assert list(found) == list(wanted), list(found)
          for name, want in wanted.items():
              got = found[name]
              assert got.dtype == want.dtype and got.shape == want.shape, (name, got.dtype, got.shape)
              assert got.tobytes() == want.tobytes(), name
      """;

  @Test
  void numPyReadsOurArrays() throws Exception {
    TensorFile file = new TensorFile(tensors(), Map.of());
    file.write(directory.resolve("stored.npz"), TensorFormat.NPZ);
    file.write(directory.resolve("packed.npz"), TensorFormat.NPZ_COMPRESSED);
    new TensorFile(Map.of("x", tensors().get("doubles")), Map.of()).write(directory.resolve("one.npy"),
        TensorFormat.NPY);
    Python.run(directory, "numpy", WANTED + """
        check(dict(np.load("stored.npz")))
        check(dict(np.load("packed.npz")))
        one = np.load("one.npy")
        assert one.dtype == np.float64 and (one == wanted["doubles"]).all()
        """);
  }

  /// A reader of safetensors by its specification.
  @Test
  void aReaderOfFifteenLinesReadsOurSafetensors() throws Exception {
    new TensorFile(tensors(), Map.of("text", "é😀\n")).write(directory.resolve("a.safetensors"));
    Python.run(directory, "numpy", WANTED + """
        import json
        data = open("a.safetensors", "rb").read()
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8:8 + length])
        assert (8 + length) % 8 == 0 and header.pop("__metadata__") == {"text": "é😀\\n"}
        kinds = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "BOOL": "?"}
        found = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            part = data[8 + length + begin:8 + length + end]
            found[name] = np.frombuffer(part, kinds[entry["dtype"]]).reshape(entry["shape"])
        check(found)
        """);
  }

  @Test
  void weReadTheArraysOfNumPy() throws Exception {
    Python.run(directory, "numpy", """
        import numpy as np
        x = np.arange(24).reshape(2, 3, 4)
        arrays = {}
        for kind in "f8 f4 f2 i8 i4 i2 i1 u8 u4 u2 u1".split():
            for order in "<>":
                for layout in "CF":
                    arrays[kind + {"<": "little", ">": "big"}[order] + layout] = np.array(x, order + kind, order=layout)
        np.savez("a.npz", **arrays)
        np.savez_compressed("b.npz", **arrays)
        np.save("c.npy", np.array([[True, False]]))
        for version in (1, 0), (2, 0), (3, 0):
            with open("v%d.npy" % version[0], "wb") as f:
                np.lib.format.write_array(f, x.astype(np.float32), version=version)
        """);
    Tensor wanted = Tensor.arange(24).reshape(2, 3, 4);
    for (String name : List.of("a.npz", "b.npz")) {
      Map<String, Tensor> read = TensorFile.read(directory.resolve(name)).tensors();
      assertThat(read).hasSize(44);
      read.forEach((kind, x) -> {
        assertThat(x.to(DType.INT32)).as(kind).isEqualTo(wanted);
        assertThat(x.dtype()).as(kind).isEqualTo(kind.startsWith("f8") ? DType.FLOAT64
            : kind.startsWith("f") ? DType.FLOAT32 : DType.INT32);
      });
    }
    assertThat(TensorFile.read(directory.resolve("c.npy")).tensors().get("tensor"))
        .isEqualTo(Tensor.of(new boolean[] {true, false}, 1, 2));
    for (int version = 1; version <= 3; version++) {
      assertThat(TensorFile.read(directory.resolve("v" + version + ".npy")).tensors().get("tensor"))
          .isEqualTo(wanted.to(DType.FLOAT32));
    }
  }

  @Test
  void pyTorchReadsOurFiles() throws Exception {
    new TensorFile(tensors(), Map.of()).write(directory.resolve("a.pt"), TensorFormat.TORCH);
    Python.run(directory, "torch", WANTED + """
        import torch
        for safe in True, False:
            found = torch.load("a.pt", weights_only=safe)
            assert all(x.is_contiguous() for x in found.values())
            check({name: x.numpy() for name, x in found.items()})
        """);
  }

  @Test
  void weReadWhatPyTorchSaves() throws Exception {
    Python.run(directory, "torch",
        """
            import torch
            table = torch.arange(24.).reshape(4, 6)
            kinds = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
                     torch.int8, torch.uint8]
            torch.save({"kinds": {str(k)[6:]: torch.arange(6).reshape(2, 3).to(k) for k in kinds}, "bool": torch.ones(2) > 0,
                        "turned": table.t(), "part": table[1:3, ::2], "row": table[3], "empty": torch.zeros(0, 3),
                        "parameter": torch.nn.Parameter(table), "same": table, "epoch": 7, "loss": [0.5, None, "x"]}, "a.pt")
            """);
    TensorFile file = TensorFile.read(directory.resolve("a.pt"));
    Tensor table = Tensor.arange(24).to(DType.FLOAT32).reshape(4, 6);
    assertThat(file.tensors().keySet().stream().filter(name -> name.startsWith("kinds."))).hasSize(9).allSatisfy(
        name -> assertThat(file.tensors().get(name).to(DType.INT32)).isEqualTo(Tensor.arange(6).reshape(2, 3)));
    assertThat(file.tensors()).containsEntry("turned", table.transpose().contiguous())
        .containsEntry("part", table.slice(0, 1, 3).slice(1, 0, 6, 2).contiguous())
        .containsEntry("row", table.select(0, 3).copy()).containsEntry("empty", Tensor.zeros(DType.FLOAT32, 0, 3))
        .containsEntry("parameter", table).containsEntry("same", table)
        .containsEntry("bool", Tensor.of(new boolean[] {true, true}));
    assertThat(file.metadata()).containsEntry("epoch", "7").containsEntry("loss.0", "0.5")
        .containsEntry("loss.1", "None").containsEntry("loss.2", "x");
  }

  // ---- models -------------------------------------------------------------------------------------------------------

  private static final String MODEL = """
      import numpy as np, torch
      class Model(torch.nn.Module):
          def __init__(self):
              super().__init__()
              self.embedding = torch.nn.Embedding(7, 3)
              self.layer = LAYER
              self.norm = torch.nn.LayerNorm(WIDTH)
              self.head = torch.nn.Linear(WIDTH, 4)
          def forward(self, ids):
              return self.head(self.norm(self.layer(self.embedding(ids))[0]))
      torch.manual_seed(1)
      model = Model()
      for p in model.parameters():
          torch.nn.init.normal_(p)
      ids = torch.arange(10).reshape(2, 5) % 7
      """;

  private static final class Model extends Block {
    private final Embedding embedding = child("embedding", new Embedding(7, 3, Rng.of(1)));
    private final UnaryOperator<Variable> layer;
    private final LayerNorm norm;
    private final Linear head;

    Model(String name, Block layer, UnaryOperator<Variable> run, int width) {
      child(name, layer);
      this.layer = run;
      this.norm = child("norm", new LayerNorm(width));
      this.head = child("head", new Linear(width, 4, Rng.of(2)));
    }

    Tensor run() {
      Tape tape = Tape.inference();
      int[] ids = {0, 1, 2, 3, 4, 5, 6, 0, 1, 2};
      return head.forward(norm.forward(layer.apply(embedding.forward(tape.constant(Tensor.of(ids, 2, 5)))))).value();
    }
  }

  /// Loads their weights, compares results, sends ours back, which they load strictly and compare.
  private void assertSame(String layer, Model model, int width, Mapping in, Mapping out) throws Exception {
    String program = MODEL.replace("LAYER", layer).replace("WIDTH", "" + width);
    Python.run(directory, "torch", program + """
        torch.save(model.state_dict(), "theirs.pt")
        np.save("wanted.npy", model(ids).detach().numpy())
        """);
    try (TensorArchive archive = TensorArchive.open(directory.resolve("theirs.pt"))) {
      assertThat(archive.load(model, in).isComplete()).isTrue();
    }
    Tensor wanted = TensorFile.read(directory.resolve("wanted.npy")).tensors().get("tensor");
    assertThat(model.run().allClose(wanted, 1e-5, 1e-5)).as("%s, wanted %s", model.run(), wanted).isTrue();
    model.parameters().forEach(p -> p.value().assign(p.value().times(0.9)));
    new TensorFile(Conversions.toPyTorch(out.apply(model.state())), Map.of())
        .write(directory.resolve("ours.pt"), TensorFormat.TORCH);
    new TensorFile(Map.of("y", model.run()), Map.of()).write(directory.resolve("ours.npy"), TensorFormat.NPY);
    Python.run(directory, "torch", program + """
        print(model.load_state_dict(torch.load("ours.pt"), strict=True))
        np.testing.assert_allclose(model(ids).detach().numpy(), np.load("ours.npy"), 1e-5, 1e-5)
        """);
  }

  @Test
  void lstmsOfPyTorchGiveTheSame() throws Exception {
    Lstm lstm = new Lstm(RecurrentOptions.of(3, 4).withLayers(2).withBidirectional(true), Rng.of(1));
    assertSame("torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)",
        new Model("layer", lstm, x -> lstm.forward(x).outputs(), 8), 8, Mapping.PYTORCH, Mapping.SAME_NAMES);
  }

  @Test
  void grusOfPyTorchGiveTheSame() throws Exception {
    Gru gru = new Gru(RecurrentOptions.of(3, 4).withLayers(2), Rng.of(1));
    assertSame("torch.nn.GRU(3, 4, num_layers=2, batch_first=True)",
        new Model("layer", gru, x -> gru.forward(x).outputs(), 4), 4, Mapping.PYTORCH, Mapping.SAME_NAMES);
  }

  @Test
  void rnnsOfPyTorchGiveTheSame() throws Exception {
    Rnn rnn = new Rnn(RecurrentOptions.of(3, 4).withBidirectional(true), Rng.of(1));
    assertSame("torch.nn.RNN(3, 4, bidirectional=True, batch_first=True)",
        new Model("layer", rnn, x -> rnn.forward(x).outputs(), 8), 8, Mapping.PYTORCH, Mapping.SAME_NAMES);
  }

  @Test
  void attentionOfPyTorchGivesTheSame() throws Exception {
    MultiheadAttention attention = new MultiheadAttention(3, 3, Rng.of(1));
    assertSame("type('Self', (torch.nn.MultiheadAttention,), {'forward': lambda self, x: "
        + "torch.nn.MultiheadAttention.forward(self, x, x, x)})(3, 3, batch_first=True)",
        new Model("layer", attention, attention::forward, 3), 3, Mapping.PYTORCH, Mapping.SAME_NAMES);
  }

  /// Cells that are stacked one by one are called `0.weight_ih` where PyTorch says `weight_ih_l0`.
  @Test
  void projectionsOfPyTorchGiveTheSame() throws Exception {
    StackedCell<LstmState> cell = new StackedCell<>(
        List.of(new ProjectedLstmCell(3, 6, 4, Rng.of(1)), new ProjectedLstmCell(4, 6, 4, Rng.of(2))), 0);
    String first = cell.namedParameters().keySet().iterator().next().replace("0.weight_ih", "");
    assertSame("torch.nn.LSTM(3, 6, num_layers=2, proj_size=4, batch_first=True)",
        new Model("layer", cell, x -> Recurrence.scan(cell, x, cell.initialState(x.tape(), 2)).outputs(), 4), 4,
        Mapping.PYTORCH.rename("layer\\.(\\w+)_l(\\d+)$", "layer." + first + "$2.$1"),
        Mapping.SAME_NAMES.rename("layer\\." + first + "(\\d+)\\.bias$", "layer.bias_ih_l$1")
            .rename("layer\\." + first + "(\\d+)\\.(\\w+)$", "layer.$2_l$1"));
  }
}
