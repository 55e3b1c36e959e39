/// Recurrent layers and losses as single operations on arrays; not for users, who get them by the cells and losses that
/// use them. Nothing here computes what operations on variables could not: each class says which, and a test compares
/// the two.
///
/// Begin with `FusedSequence`, an LSTM, GRU or RNN over all steps, forward and backward; [FusedLayer] records it as one
/// operation. The arithmetic of the gates is in `dev.rewind.tensor.kernel.recurrent`. [PreparedCell] and [CellRun] are
/// steps without gradients, for writing.
package dev.rewind.nn.fused;
