package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;

/// What a cell gives over the time axis.
///
/// @param outputs `[batch, time, outputs]`
/// @param state that after the last step
/// @param <S> the kind of state
public record Scanned<S extends State<S>>(Variable outputs, S state) {}
