/// Turns examples, texts and time series into batches. Begin with [Example] and [Dataset], a list whose elements are
/// computed on demand:
///
/// ```java
/// List<Example> list = List.of(Example.of(new int[] {1, 2, 3}, 0), Example.of(new int[] {4, 5}, 1));
/// Batch batch = Dataset.of(list).shuffled(Rng.of(1)).batches(2).map(Batch::of).getFirst();
/// batch.inputs().shape()   // ==> [2, 3]
/// ```
///
/// - [Batch] is a batch of padded examples with their lengths. [Windows] cuts a long text or series into batches.
/// - [Split] holds out a part for validation; [Standardizer] scales features to mean 0 and deviation 1, and back.
package dev.rewind.nn.data;
