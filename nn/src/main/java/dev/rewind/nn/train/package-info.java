/// Training, for those who do not write the loop themselves. Begin with [Trainer], which makes steps of a lambda from a
/// tape and a batch to a loss, and can be saved between any two of them:
///
/// ```java
/// Embedding table = new Embedding(4, 2, Rng.of(1));   // 4 symbols, 2 classes
/// Dataset<Example> examples = Dataset.of(8, i -> Example.of(new int[] {i % 4}, i % 2));
/// Trainer<Batch> trainer = new Trainer<>(new Adam(table.parameters(), 0.1),
///     epoch -> examples.shuffled(Rng.of(2).split(epoch)).batches(4).map(Batch::of),
///     (tape, batch) -> Losses.crossEntropy(table.forward(tape.constant(batch.inputs())).squeeze(1), batch.targets()));
/// trainer.step().iteration()   // ==> 1
/// ```
///
/// - [TrainingLoop] makes all the steps, with validation, the best model, an early end, files, progress, and going on
///   after an interruption to the same bits.
/// - [Mean], [Confusion] and [EditDistance] are metrics, [MetricsFile] keeps them.
/// - [LearningRateFinder] suggests a learning rate to begin with; [ParameterReport] shows what a step did to each
///   parameter.
package dev.rewind.nn.train;
