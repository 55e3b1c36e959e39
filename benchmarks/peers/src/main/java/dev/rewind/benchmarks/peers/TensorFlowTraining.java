package dev.rewind.benchmarks.peers;

import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/// A training step of the character model in TensorFlow, with cells of primitive operations. The graph is made once:
/// all steps of a window, their gradients, clipping and Adam. Time and batch are one axis, time first: `[T * B, ..]`.
final class TensorFlowTraining implements Workload.Training {
  private final Task.Training task;
  private final Dataset<Batch> windows;
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);
  private final Placeholder<TInt32> inputs = tf.placeholder(TInt32.class); // [T * B]
  private final Placeholder<TInt32> targets = tf.placeholder(TInt32.class); // [T * B]
  private final Placeholder<TFloat32> count = tf.placeholder(TFloat32.class); // of steps, this one too
  private final List<Variable<TFloat32>> parameters = new ArrayList<>();
  private final List<Operand<TFloat32>> first = new ArrayList<>(); // h and c of each layer, [B, H], before a window
  private final List<Operand<TFloat32>> last; // and after it
  private final Operand<TFloat32> loss;
  private final Op update;
  private final Session session = new Session(graph);
  private Result carried; // loss and last h and c of the window before
  private int iteration;

  /// @param naive without the input projection taken out of the loop
  TensorFlowTraining(Task.Training task, boolean naive) {
    this.task = task;
    this.windows = Data.windows(task.batch(), task.steps());
    Operand<TFloat32> zeros = tf.zeros(tf.array(task.batch(), task.hidden()), TFloat32.class);
    for (int i = 0; i < 2 * task.layers(); i++) {
      first.add(tf.placeholderWithDefault(zeros, Shape.of(task.batch(), task.hidden())));
    }
    this.last = new ArrayList<>(first);
    Operand<TFloat32> x = tf.gather(parameter(weights("embedding.weight", Data.SYMBOLS, task.hidden())), inputs,
        tf.constant(0)); // [T * B, H]
    Operand<TFloat32> logits = linear(naive ? naive(x) : hoisted(x),
        weights("linear.weight", Data.SYMBOLS, task.hidden()), weights("linear.bias", Data.SYMBOLS));
    // with one-hot targets, because the loss that takes symbols has no gradient in this library
    Operand<TFloat32> labels = tf.oneHot(targets, tf.constant(Data.SYMBOLS), tf.constant(1f), tf.constant(0f));
    this.loss = tf.math.mean(tf.nn.softmaxCrossEntropyWithLogits(logits, labels).loss(), tf.constant(0));
    this.update = update();
  }

  /// Layer by layer.
  private Operand<TFloat32> hoisted(Operand<TFloat32> x) {
    Operand<TFloat32> y = x;
    for (int layer = 0; layer < task.layers(); layer++) {
      Operand<TFloat32> prepared = linear(y, weights(layer, "weight_ih"), bias(layer));
      Operand<TFloat32> weight = parameter(weights(layer, "weight_hh"));
      List<Operand<TFloat32>> outputs = new ArrayList<>();
      for (Operand<TFloat32> input : tf.split(tf.constant(0), prepared, (long) task.steps())) {
        outputs.add(step(tf.math.add(input, product(last.get(2 * layer), weight)), layer));
      }
      y = tf.concat(outputs, tf.constant(0));
    }
    return y;
  }

  /// Step by step, inputs and state side by side in one product.
  private Operand<TFloat32> naive(Operand<TFloat32> x) {
    List<Operand<TFloat32>> both = new ArrayList<>(); // [4H, 2H] of each layer
    List<Operand<TFloat32>> biases = new ArrayList<>();
    for (int layer = 0; layer < task.layers(); layer++) {
      both.add(parameter(
          tf.concat(List.of(weights(layer, "weight_ih"), weights(layer, "weight_hh")), tf.constant(1))));
      biases.add(parameter(bias(layer)));
    }
    List<Operand<TFloat32>> outputs = new ArrayList<>();
    for (Operand<TFloat32> input : tf.split(tf.constant(0), x, (long) task.steps())) {
      Operand<TFloat32> z = input;
      for (int layer = 0; layer < task.layers(); layer++) {
        Operand<TFloat32> zh = tf.concat(List.of(z, last.get(2 * layer)), tf.constant(1));
        z = step(tf.nn.biasAdd(product(zh, both.get(layer)), biases.get(layer)), layer);
      }
      outputs.add(z);
    }
    return tf.concat(outputs, tf.constant(0));
  }

  /// @param sums what goes into the gates, `[B, 4H]`
  /// @return h
  private Operand<TFloat32> step(Operand<TFloat32> sums, int layer) {
    List<? extends Operand<TFloat32>> gates = tf.split(tf.constant(1), sums, 4L).output();
    Operand<TFloat32> i = tf.math.sigmoid(gates.get(0));
    Operand<TFloat32> f = tf.math.sigmoid(gates.get(1));
    Operand<TFloat32> g = tf.math.tanh(gates.get(2));
    Operand<TFloat32> o = tf.math.sigmoid(gates.get(3));
    Operand<TFloat32> c = tf.math.add(tf.math.mul(f, last.get(2 * layer + 1)), tf.math.mul(i, g));
    Operand<TFloat32> h = tf.math.mul(o, tf.math.tanh(c));
    last.set(2 * layer, h);
    last.set(2 * layer + 1, c);
    return h;
  }

  private Operand<TFloat32> linear(Operand<TFloat32> x, Operand<TFloat32> weight, Operand<TFloat32> bias) {
    return tf.nn.biasAdd(product(x, parameter(weight)), parameter(bias));
  }

  private Operand<TFloat32> product(Operand<TFloat32> x, Operand<TFloat32> weight) {
    return tf.linalg.matMul(x, weight, MatMul.transposeB(true));
  }

  private Variable<TFloat32> parameter(Operand<TFloat32> initial) {
    Variable<TFloat32> parameter = tf.variable(initial);
    parameters.add(parameter);
    return parameter;
  }

  private Operand<TFloat32> weights(int layer, String name) {
    return weights("cells." + layer + "." + name, 4 * task.hidden(), task.hidden());
  }

  private Operand<TFloat32> bias(int layer) {
    return weights("cells." + layer + ".bias", 4 * task.hidden());
  }

  /// The weights that both sides have.
  private Operand<TFloat32> weights(String name, int... sizes) {
    Shape shape = Shape.of(IntStream.of(sizes).asLongStream().toArray());
    return tf.constant(shape, DataBuffers.of(Data.weights(name, sizes)));
  }

  /// Clips the gradients and makes a step of Adam.
  private Op update() {
    Gradients gradients = tf.gradients(loss, parameters);
    List<Operand<TFloat32>> halves = new ArrayList<>(); // of squared norms
    for (int i = 0; i < parameters.size(); i++) {
      halves.add(tf.nn.l2Loss(gradients.<TFloat32>dy(i)));
    }
    Operand<TFloat32> norm = tf.math.sqrt(tf.math.mul(tf.constant(2f), tf.math.addN(halves)));
    Operand<TFloat32> scale = tf.math.minimum(tf.constant(1f), tf.math.div(tf.constant(5f), norm));
    Operand<TFloat32> beta1 = tf.constant(0.9f);
    Operand<TFloat32> beta2 = tf.constant(0.999f);
    Operand<TFloat32> power1 = tf.math.pow(beta1, count);
    Operand<TFloat32> power2 = tf.math.pow(beta2, count);
    // TensorFlow adds epsilon before it corrects the bias, the other sides after
    Operand<TFloat32> epsilon = tf.math.mul(tf.constant(1e-8f), tf.math.sqrt(tf.math.sub(tf.constant(1f), power2)));
    List<Op> updates = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      Operand<TFloat32> zeros = tf.zerosLike(parameters.get(i));
      updates.add(tf.train.applyAdam(parameters.get(i), tf.variable(zeros), tf.variable(zeros),
          power1, power2, tf.constant(2e-3f), beta1, beta2, epsilon, tf.math.mul(gradients.dy(i), scale)));
    }
    return tf.withControlDependencies(updates).noOp();
  }

  @Override
  public double step() {
    Batch batch = windows.get(iteration % windows.size());
    iteration++;
    try (TInt32 symbols = TInt32.vectorOf(batch.inputs().transpose().toInts());
        TInt32 next = TInt32.vectorOf(batch.targets().transpose().toInts());
        TFloat32 number = TFloat32.scalarOf(iteration);
        Result before = carried) {
      Session.Runner runner = session.runner().feed(inputs, symbols).feed(targets, next).feed(count, number)
          .addTarget(update).fetch(loss);
      for (int i = 0; i < last.size(); i++) {
        runner.fetch(last.get(i));
        if (before != null) {
          runner.feed(first.get(i), before.get(i + 1));
        }
      }
      carried = runner.run();
      return ((TFloat32) carried.get(0)).getFloat();
    }
  }
}
