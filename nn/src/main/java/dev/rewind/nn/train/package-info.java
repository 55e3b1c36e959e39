/// Training, if you do not want to write the loop yourself. Begin with [Trainer]: you give it a lambda from a tape and
/// a batch to a loss, it trains step by step, and it can be saved between any two steps:
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
/// - [TrainingLoop] runs all the steps, with validation, best model, early stopping, files and progress, and resumes
///   after an interruption with the same bits.
/// - [Mean], [Confusion] and [EditDistance] are metrics; [MetricsFile] stores them.
/// - [LearningRateFinder] suggests a learning rate to start with; [ParameterReport] shows what a step did to each
///   parameter.
package dev.rewind.nn.train;
