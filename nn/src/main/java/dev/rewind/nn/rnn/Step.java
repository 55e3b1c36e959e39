package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;

/// What one step of a cell gives.
///
/// @param output `[batch, outputs]`
/// @param state what the next step starts from
/// @param <S> the kind of state
public record Step<S extends State<S>>(Variable output, S state) {}
