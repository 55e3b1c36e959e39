package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Conv1d;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The convolutional LSTM (Shi et al. 2015) over places in a row, such as sensors along a road: an LSTM at each of P
/// places, all with the same weights, that sees its neighbours' inputs and states. Inputs and states are rows of all
/// places, `[x(1) .. x(P)]` with the features of a place together; peepholes are left out.
///
/// ```
/// [i f g o] = conv([x h]), at every place, with zeros beyond the ends
/// c = sigmoid(f) * c + sigmoid(i) * tanh(g)     h = sigmoid(o) * tanh(c)
/// ```
public final class ConvLstmCell extends RecurrentCell<LstmState> {
  private final int places;
  private final Conv1d conv; // [4H, F + H, width]

  /// A cell that reads P times F elements and gives P times H.
  ///
  /// @param places P
  /// @param features F, of a place
  /// @param hidden H, units at a place
  /// @param width how many places are seen from one, an odd number
  /// @throws IllegalArgumentException if a number is less than 1, or the width is even
  public ConvLstmCell(int places, int features, int hidden, int width, Rng rng) {
    super(places * features, places * hidden, LstmState::zeros);
    if (width < 1 || width % 2 == 0) {
      throw new IllegalArgumentException("ConvLstmCell: the width must be odd and at least 1, not " + width);
    }
    this.places = requireSome("places", places);
    conv = child("conv", new Conv1d(features + hidden, 4 * hidden, width,
        Conv1d.Options.defaults().withPadding(width / 2), rng.split("conv")));
  }

  @Override
  public Step<LstmState> stepPrepared(Variable input, LstmState state) {
    int batch = input.size(0);
    Variable x = requirePrepared(input, inputSize()).reshape(batch, places, inputSize() / places); // [B, P, F]
    Variable old = state.h().reshape(batch, places, outputSize() / places); // [B, P, H]
    List<Variable> sums = conv.forward(Variable.concat(2, List.of(x, old))).split(2, 4); // 4 x [B, P, H]
    Variable i = sums.get(0).sigmoid().named("i");
    Variable f = sums.get(1).sigmoid().named("f");
    Variable g = sums.get(2).tanh().named("g");
    Variable o = sums.get(3).sigmoid().named("o");
    Variable c = f.times(state.c().reshape(f.shape())).plus(i.times(g)).named("c");
    Variable h = o.times(c.tanh()).named("h").reshape(state.h().shape());
    return new Step<>(h, new LstmState(h, c.reshape(h.shape())));
  }
}
