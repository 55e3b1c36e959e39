package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import java.util.List;

/// What a cell gives over a list of steps.
///
/// @param outputs one for each step, `[batch, outputs]`
/// @param state that after the last step
/// @param <S> the kind of state
public record Unrolled<S extends State<S>>(List<Variable> outputs, S state) {}
