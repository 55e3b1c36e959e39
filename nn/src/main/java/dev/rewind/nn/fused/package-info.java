/// Recurrent layers and losses as single operations on arrays. Not for users, who get them through cells and losses.
/// Everything here could also be computed by operations on variables: each class says by which, and a test compares the
/// two.
///
/// Begin with `FusedSequence`, an LSTM, GRU or RNN over all steps, forward and backward; [FusedLayer] records it as one
/// operation. The arithmetic of the gates is in `dev.rewind.tensor.kernel.recurrent`. [PreparedCell] and [CellRun] are
/// steps without gradients, for generation.
package dev.rewind.nn.fused;
