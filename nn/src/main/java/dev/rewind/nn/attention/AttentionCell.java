package dev.rewind.nn.attention;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// Any cell as a decoder that attends to a memory, such as what an encoder read. The cell reads the input beside what
/// was attended to at the step before (Luong et al. 2015, with the context fed back; TensorFlow's `AttentionWrapper`):
///
/// ```
/// y, s = cell([x c0], s0)                      y [B, H], cell within of F + M inputs
/// w = softmax(scores(y, keys))                 [B, S], over what is not padding
/// c = w memory                                 [B, M]; zero if there is no memory
/// output = [y c]                               [B, H + M]
/// ```
///
/// The memory is in the state, so that training, beam search and sessions need nothing else: [#state] makes one to
/// begin with. Parameters are those of the two parts, under `cell` and `attention`; `w` is shown to an observer as
/// `attention`.
///
/// @param <S> the state of the cell within
public final class AttentionCell<S extends State<S>> extends Block implements Cell<AttentionState<S>> {
  private final Cell<S> cell;
  private final Attention attention;

  /// A cell whose outputs are the queries.
  ///
  /// @param cell of F + M inputs and H outputs
  /// @param attention of queries of size H to a memory of vectors of size M
  /// @throws IllegalArgumentException if the sizes do not fit
  public AttentionCell(Cell<S> cell, Attention attention) {
    if (cell.outputSize() != attention.querySize() || cell.inputSize() <= attention.memorySize()) {
      throw new IllegalArgumentException("attention cell: queries are the outputs of the cell, of size "
          + cell.outputSize() + ", not " + attention.querySize() + "; and the cell reads inputs beside "
          + attention.memorySize() + " elements of the memory, not " + cell.inputSize() + " in all");
    }
    this.cell = childIfBlock("cell", cell);
    this.attention = child("attention", attention);
  }

  @Override
  public int inputSize() {
    return cell.inputSize() - attention.memorySize();
  }

  @Override
  public int outputSize() {
    return cell.outputSize() + attention.memorySize();
  }

  /// The initial state of the cell within, and a memory of no vectors.
  @Override
  public AttentionState<S> initialState(Tape tape, int batch) {
    DType dtype = tape.dtype(dtype());
    Variable memory = tape.constant(Tensor.zeros(dtype, batch, 0, attention.memorySize()));
    Variable keys = tape.constant(Tensor.zeros(dtype, batch, 0, attention.keySize()));
    return new AttentionState<>(cell.initialState(tape, batch), context(memory), memory, keys,
        tape.constant(Tensor.zeros(dtype, batch, 0)));
  }

  /// The state to begin with for a memory, from the initial state of the cell within.
  ///
  /// @param memory `[B, S, M]`; padding may be NaN, and its gradient is zero
  /// @param lengths of each memory, `[B]`; left out if all last to the end
  /// @throws ShapeException if the memory has another shape, or there are more or fewer lengths
  /// @throws IllegalArgumentException naming a length that is not in `[0, S]`
  public AttentionState<S> state(Variable memory, int[]... lengths) {
    return state(cell.initialState(memory.tape(), memory.rank() == 0 ? 0 : memory.size(0)), memory, lengths);
  }

  /// [#state(Variable, int\[\]...)] from another state of the cell within, as one that the encoder ended in.
  public AttentionState<S> state(S first, Variable memory, int[]... lengths) {
    if (memory.rank() != 3 || memory.size(2) != attention.memorySize()) {
      throw new ShapeException(
          "attention cell: wants a memory [batch, time, " + attention.memorySize() + "], not " + memory.shape());
    }
    Lengths checked = Lengths.of("attention cell", lengths, memory.size(0), memory.size(1));
    Variable real = checked.zeroPadding(memory);
    return new AttentionState<>(first, context(memory), real, attention.keys(real),
        memory.tape().constant(checked.mask().to(memory.dtype())));
  }

  private static Variable context(Variable memory) {
    return memory.tape().constant(Tensor.zeros(memory.dtype(), memory.size(0), memory.size(2)));
  }

  @Override
  public Step<AttentionState<S>> stepPrepared(Variable x, AttentionState<S> old) {
    Step<S> step = cell.stepPrepared(cell.prepare(Variable.concat(1, List.of(x, old.context()))), old.state());
    Variable scores = attention.scores(step.output().unsqueeze(1), old.keys()); // [B, 1, S]
    Tensor mask = old.mask().value().greater(0.5).unsqueeze(1);
    Variable context = Attention.mean(scores, mask, old.memory()).squeeze(1).named("context"); // [B, M]
    return new Step<>(Variable.concat(1, List.of(step.output(), context)),
        new AttentionState<>(step.state(), context, old.memory(), old.keys(), old.mask()));
  }
}
