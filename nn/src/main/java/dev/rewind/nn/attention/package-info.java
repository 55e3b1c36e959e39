/// Attention: a weighted mean of the vectors of a memory, with weights that depend on a query. Begin with
/// [MultiheadAttention] for a layer over whole sequences, or with [AttentionCell] for a decoder that attends to what an
/// encoder read, step by step; [Attention#scaledDotProduct] is the function that most of it comes down to.
///
/// ```java
/// MultiheadAttention attention = new MultiheadAttention(8, 2, Rng.of(1));
/// Variable x = Tape.inference().constant(Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, 3, 5, 8));   // [B, T, E]
/// attention.forward(x, true, new int[] {5, 0, 2}).shape()   // causal, of sequences of these lengths // ==> [3, 5, 8]
/// ```
///
/// Masks are BOOL and say where a query may attend. A query that may attend to nothing gets zeros, and gives no
/// gradient. [Positions] tells an attention, which has no order of its own, where vectors are.
package dev.rewind.nn.attention;
