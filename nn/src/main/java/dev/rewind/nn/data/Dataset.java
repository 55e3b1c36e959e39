package dev.rewind.nn.data;

import dev.rewind.tensor.Rng;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Gatherer;
import java.util.stream.IntStream;

/// An unmodifiable list whose elements are computed on demand, again each time: examples, or batches of
/// them. An epoch, shuffled and padded, always the same for the same seed:
///
/// ```java
/// Dataset<Example> examples = Dataset.of(list);
/// Dataset<Batch> epoch = examples.shuffled(rng.split(number)).batches(32).map(Batch::of);
/// ```
///
/// Data larger than memory can be a dataset if it can be read at any position, by [#of(int, IntFunction)]. Otherwise it
/// is a stream, which Java cuts into batches:
///
/// ```java
/// stream.gather(Dataset.shuffling(10_000, rng)).gather(Gatherers.windowFixed(32)).map(Batch::of)
/// ```
///
/// @param <T> the type of the elements
public final class Dataset<T> extends AbstractList<T> implements RandomAccess {
  private final int size;
  private final IntFunction<? extends T> element;

  private Dataset(int size, IntFunction<? extends T> element) {
    this.size = size;
    this.element = element;
  }

  /// The elements of a list, which is copied.
  public static <T> Dataset<T> of(List<? extends T> elements) {
    List<T> copy = List.copyOf(elements);
    return new Dataset<>(copy.size(), copy::get);
  }

  /// `size` elements, computed by a function of the index, which must always return the same.
  ///
  /// @throws IllegalArgumentException if `size` is negative
  public static <T> Dataset<T> of(int size, IntFunction<? extends T> element) {
    if (size < 0) {
      throw new IllegalArgumentException("dataset: the size is negative: " + size);
    }
    return new Dataset<>(size, element);
  }

  @Override
  public T get(int index) {
    return element.apply(Objects.checkIndex(index, size));
  }

  @Override
  public int size() {
    return size;
  }

  /// The elements `[from, to)`.
  @Override
  public Dataset<T> subList(int from, int to) {
    Objects.checkFromToIndex(from, to, size);
    return new Dataset<>(to - from, i -> element.apply(from + i));
  }

  /// The results of a function of each element.
  public <U> Dataset<U> map(Function<? super T, ? extends U> f) {
    return new Dataset<>(size, i -> f.apply(element.apply(i)));
  }

  /// The elements in random order, all orders being equally likely; takes the next numbers of `rng`.
  public Dataset<T> shuffled(Rng rng) {
    return ordered(rng.permutation(size));
  }

  private Dataset<T> ordered(int[] order) {
    return new Dataset<>(order.length, i -> element.apply(order[i]));
  }

  /// Consecutive elements in groups of `batch`; the last group has the rest.
  ///
  /// @throws IllegalArgumentException if `batch` is less than 1
  public Dataset<List<T>> batches(int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batches: the size must be at least 1, not " + batch);
    }
    return new Dataset<>((int) (((long) size + batch - 1) / batch),
        i -> List.copyOf(subList(i * batch, (int) Math.min((i + 1L) * batch, size))));
  }

  /// Groups of elements of similar length, which need little padding: the elements are sorted by length, with those of
  /// equal length in random order, then cut into groups, which are shuffled. Computes the length of every element at
  /// once.
  ///
  /// @param length such as `Example::length`
  /// @throws IllegalArgumentException if `batch` is less than 1
  public Dataset<List<T>> batchesByLength(int batch, ToIntFunction<? super T> length, Rng rng) {
    int[] lengths = IntStream.range(0, size).map(i -> length.applyAsInt(get(i))).toArray();
    int[] sorted = Arrays.stream(rng.permutation(size)).boxed().sorted(Comparator.comparingInt(i -> lengths[i]))
        .mapToInt(i -> i).toArray();
    return ordered(sorted).batches(batch).shuffled(rng);
  }

  /// Shuffles a stream within a buffer: each element that comes out is drawn from the next `buffer` elements still to
  /// come. For `stream.gather(..)`, sequential.
  ///
  /// @throws IllegalArgumentException if `buffer` is less than 1
  public static <T> Gatherer<T, ?, T> shuffling(int buffer, Rng rng) {
    if (buffer < 1) {
      throw new IllegalArgumentException("shuffling: the buffer must hold at least 1, not " + buffer);
    }
    return Gatherer.<T, ArrayList<T>, T>ofSequential(ArrayList::new,
        Gatherer.Integrator.ofGreedy((held, next, out) -> {
          held.add(next);
          return held.size() < buffer || out.push(drawn(held, rng));
        }),
        (held, out) -> {
          while (!held.isEmpty() && out.push(drawn(held, rng))) {
            // all that is left
          }
        });
  }

  private static <T> T drawn(List<T> held, Rng rng) {
    Collections.swap(held, rng.nextInt(held.size()), held.size() - 1);
    return held.removeLast();
  }

  /// How many elements there are. (To see them, `List.copyOf(dataset)`.)
  @Override
  public String toString() {
    return "Dataset[" + size + "]";
  }
}
