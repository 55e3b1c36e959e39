/// Generating text with a trained model, symbol by symbol. Begin with [Sampling] or [BeamSearch]; both drive a
/// [Decoder]. For a model with an embedding, a cell and a projection, [Sessions] make one:
///
/// ```java
/// Sessions<LstmState> model =
///     Sessions.of(new Embedding(5, 4, Rng.of(1)), new LstmCell(4, 6, Rng.of(2)), new Linear(6, 5, Rng.of(3)));
/// int[] written = Sampling.PLAIN.symbols(Decoder.of(model.open()), new int[] {0}, Rng.of(4)).limit(10).toArray();
/// written.length   // ==> 10
/// ```
///
/// [Sessions] holds a copy of the weights, laid out for single steps, and can be shared by threads; a [Session] is one
/// sequence, or a batch of sequences, that is being read.
package dev.rewind.nn.generate;
