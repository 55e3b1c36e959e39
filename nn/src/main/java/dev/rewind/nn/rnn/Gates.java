package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import java.util.List;

/// The sums that the gates of most cells are made of, `x weight_ih' + bias + h weight_hh'`, in blocks. A cell gets them
/// from [RecurrentCell#gates].
public final class Gates {
  private final RecurrentCell<?> cell;
  private final int blocks;
  private final Param inputWeight; // [blocks * units, inputs]
  private final Param hiddenWeight; // [blocks * units, outputs]
  private final Param bias; // [blocks * units]

  Gates(RecurrentCell<?> cell, int blocks, Param inputWeight, Param hiddenWeight, Param bias) {
    this.cell = cell;
    this.blocks = blocks;
    this.inputWeight = inputWeight;
    this.hiddenWeight = hiddenWeight;
    this.bias = bias;
  }

  /// The part that does not need the state, for `prepare`: `[.., inputs]` to `[.., blocks * units]`.
  public Variable prepare(Variable input) {
    return RecurrentCell.linear(input, inputWeight, bias);
  }

  /// The sums, for `stepPrepared`.
  ///
  /// @param prepared what [#prepare] gave, `[batch, blocks * units]`
  /// @param h `[batch, outputs]`
  public Variable sums(Variable prepared, Variable h) {
    return cell.requirePrepared(prepared, bias.value().size(0)).plus(RecurrentCell.linear(h, hiddenWeight));
  }

  /// The blocks of [#sums], each `[batch, units]`.
  public List<Variable> blocks(Variable prepared, Variable h) {
    return sums(prepared, h).split(1, blocks);
  }

  /// The weights and the bias: `weight_ih`, `weight_hh`, `bias`.
  public List<Param> parameters() {
    return List.of(inputWeight, hiddenWeight, bias);
  }
}
