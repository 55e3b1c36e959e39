package dev.rewind.examples.charrnn.model;

/// What the architecture of a character model is made of.
///
/// @param cell the kind of recurrent cell
/// @param symbols V, the size of the vocabulary
/// @param embedding E, the length of a symbol's vector
/// @param hidden H, the length of a hidden state
/// @param layers L, how many cells are stacked
/// @param dropout the rate at which elements are dropped between layers in training, in `[0, 1)`
public record ModelOptions(CellKind cell, int symbols, int embedding, int hidden, int layers, double dropout) {}
