package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// The record of a computation: operations on its variables append nodes in order of execution, and the [BackwardPass]
/// over them in reverse gives the gradients (Wengert 1964; Linnainmaa 1970). A tape also carries the context of a run,
/// its [TapeOptions].
///
/// There are three kinds: [#training] records and draws random numbers, so that dropout acts; [#recording] records
/// alone, and refuses dropout; [#inference] records nothing, and dropout does nothing.
///
/// A tape belongs to one thread at a time; any number of tapes may read the same parameters at once. Values stay
/// readable after [#close], unless the options [reuse their memory][TapeOptions#reusingValues]; what was recorded is
/// released.
public final class Tape implements AutoCloseable {
  static final int UNTRACKED = -1;

  private enum State { RECORDING, PAUSED, INFERENCE, CONSUMED, CLOSED }

  private final TapeOptions options;
  private State state;
  private int slots; // one for each leaf and each result
  final List<Node> nodes = new ArrayList<>();
  final Leaves leaves = new Leaves();
  private Map<Memo, Variable> memos = new IdentityHashMap<>();
  private Node running; // whose gradient rule runs, null outside of a backward pass
  private String scope = ""; // what labels begin with
  final Set<Integer> batches = new TreeSet<>(); // numbers of rows that [#fuseRows] was called with
  private static final Workspace.Kind<Class<?>, RawAccess.ResultMemory> RESULTS = Workspace.Kind
      .of(_ -> new RawAccess.ResultMemory());
  private RawAccess.ResultMemory results; // null if they are to have memory of their own
  final Workspace.Loans loans;
  final PackedMatrices packed;

  private Tape(TapeOptions options, State state) {
    this.options = options;
    this.state = state;
    this.loans = new Workspace.Loans(options.workspace());
    this.packed = new PackedMatrices(options.workspace());
    this.results = options.reusesValues() ? loans.borrow(RESULTS, RawAccess.ResultMemory.class) : null;
  }

  /// A tape for training: it records, and dropout and its like draw from `rng`.
  public static Tape training(Rng rng) {
    return recording(TapeOptions.defaults().withRng(Objects.requireNonNull(rng, "training: wants an Rng")));
  }

  /// A tape that records. Dropout and its like are an error on it; see [#rng].
  public static Tape recording() {
    return recording(TapeOptions.defaults());
  }

  /// A tape that records, with options; one for training if they have an [Rng].
  public static Tape recording(TapeOptions options) {
    return new Tape(options, State.RECORDING);
  }

  /// A tape that computes values and records nothing.
  public static Tape inference() {
    return inference(TapeOptions.defaults());
  }

  /// A tape that computes values and records nothing, with options.
  public static Tape inference(TapeOptions options) {
    return new Tape(options, State.INFERENCE);
  }

  // ---- variables from tensors ---------------------------------------------------------------------------------------

  /// A variable through which no gradient flows.
  public Variable constant(Tensor value) {
    return new Variable(this, UNTRACKED, value);
  }

  /// A leaf: a variable whose gradient is wanted. The gradient is found under this variable. It shares the tensor.
  ///
  /// @throws DTypeException if the tensor is not of a floating dtype
  /// @throws IllegalStateException if the tape is consumed or closed
  public Variable watch(Tensor value) {
    requireOpen("watch");
    if (!value.dtype().isFloating()) {
      throw new DTypeException("watch: only FLOAT32 and FLOAT64 have gradients, not " + value.dtype());
    }
    if (state == State.INFERENCE) {
      return constant(value);
    }
    Variable leaf = new Variable(this, slots++, value);
    leaves.retain(leaf);
    return leaf;
  }

  /// The variable of a parameter, the same at every call, in the dtype of the options; a constant if it is frozen. It
  /// shares the parameter's tensor unless the dtype is another one.
  ///
  /// @throws IllegalStateException if the tape is consumed or closed, and never watched it before
  public Variable watch(Param parameter) {
    Variable known = leaves.of(parameter);
    if (known != null) {
      return known;
    }
    requireOpen("watch");
    Tensor value = options.dtype().map(parameter.value()::to).orElse(parameter.value());
    boolean constant = state == State.INFERENCE || parameter.isFrozen();
    Variable leaf = new Variable(this, constant ? UNTRACKED : slots++, value);
    if (!constant) {
      leaves.own(parameter, leaf);
    }
    leaves.watch(parameter, leaf);
    return leaf;
  }

  /// Makes [#watch(Param)] return another variable for a parameter: a substitute value, as in gradient checks and
  /// averaged weights, or one that was computed.
  ///
  /// @throws IllegalStateException if the parameter was already watched or bound, or the variable is of another tape
  /// @throws IllegalArgumentException if it has another shape
  public void bind(Param parameter, Variable substitute) {
    requireMine("bind", substitute.tape());
    if (leaves.of(parameter) != null) {
      throw new IllegalStateException("bind: " + parameter + " is already in use on this tape; bind it before");
    }
    if (!substitute.shape().equals(parameter.value().shape())) {
      throw new IllegalArgumentException("bind: " + parameter + " cannot be a tensor of shape " + substitute.shape());
    }
    leaves.watch(parameter, substitute);
  }

  /// Makes [#watch(Param)] use another value for a parameter; the gradient is found under the parameter. Errors as
  /// for [#bind(Param, Variable)].
  public void bind(Param parameter, Tensor substitute) {
    Variable leaf = watch(substitute);
    bind(parameter, leaf);
    if (leaf.isTracked()) {
      leaves.own(parameter, leaf);
    }
  }

  /// See [Memo].
  Variable memoised(Memo memo, Function<Tape, Variable> make) {
    Variable known = memos.get(memo);
    if (known == null) {
      requireOpen("memo");
      known = make.apply(this);
      memos.put(memo, known);
    }
    return known;
  }

  // ---- the context of the run ---------------------------------------------------------------------------------------

  /// The options that this tape was made with.
  public TapeOptions options() {
    return options;
  }

  /// The source of random draws, for an operation that is random in training and does nothing else: empty if this tape
  /// is for inference or its options switch randomness off.
  ///
  /// @param operation what wants to draw, such as `dropout`
  /// @throws IllegalStateException if this tape records, and nothing was said about randomness
  public Optional<Rng> rng(String operation) {
    if (options.rng().isEmpty() && !options.withoutRandomness() && state != State.INFERENCE) {
      throw new IllegalStateException(operation + ": wants random draws, and this tape has none; train on "
          + "Tape.training(rng), or switch randomness off by Tape.recording(TapeOptions.defaults().deterministic())");
    }
    return options.rng();
  }

  /// The dtype of watched parameters that by themselves are of dtype `own`.
  public DType dtype(DType own) {
    return options.dtype().orElse(own);
  }

  /// Whether operations are recorded now.
  public boolean isRecording() {
    return state == State.RECORDING;
  }

  /// Whether a backward pass runs now, in which [#recompute] computes again what it did before: for what must happen
  /// once, such as keeping a statistic.
  public boolean isInBackwardPass() {
    return running != null;
  }

  /// Whether this tape was made for inference.
  public boolean isInference() {
    return state == State.INFERENCE;
  }

  /// A buffer from the workspace, for this tape alone until it is closed.
  public <K, T> T borrow(Workspace.Kind<K, T> kind, K key) {
    requireOpen("borrow");
    return loans.borrow(kind, key);
  }

  /// Gives a buffer back before the tape is closed, as an operation does that turned out to record nothing.
  public <K, T> void giveBack(Workspace.Kind<K, T> kind, K key, T buffer) {
    loans.giveBack(kind, key, buffer);
  }

  /// What `f` gives. Labels of variables made in it are shown to the observer behind `name.`, so that `0.h` is the `h`
  /// of layer 0; calls nest. It costs nothing where there is no observer.
  public <T> T scope(String name, Supplier<T> f) {
    if (options.observer().isEmpty()) {
      return f.get();
    }
    String outer = scope;
    scope = outer + name + ".";
    try {
      return f.get();
    } finally {
      scope = outer;
    }
  }

  /// What `f` gives, faster if it is a loop of operations on rows of a batch, such as the steps of a recurrence:
  /// operations on `beginning`, and on results of these, are deferred until each thread takes its rows through all of
  /// them; so are those on their gradients. The values have the same bits, and are computed before they are read; see
  /// [RawAccess#deferRows].
  ///
  /// @param beginning variables whose first axis has that size, the batch
  public <T> T fuseRows(int batch, List<Variable> beginning, Supplier<T> f) {
    if (options.anomaly()) {
      return f.get();
    }
    batches.add(batch);
    try (RawAccess.DeferredRows deferred = RawAccess.deferRows(Set.of(batch))) {
      beginning.forEach(x -> deferred.adopt(x.value()));
      return f.get();
    }
  }

  /// What `f` gives, which a recurrence computes; its values are gone when the tape is closed if the options say so:
  /// see [TapeOptions#reusingValues].
  public <T> T lendTo(Supplier<T> f) {
    return results == null ? f.get() : results.lendTo(f);
  }

  /// Shows a value to the observer, once: not when it is computed again during a backward pass.
  void show(String name, Tensor value) {
    if (running == null) {
      options.observer().ifPresent(observer -> observer.accept(scope + name, value));
    }
  }

  /// The number of operations recorded so far.
  public int length() {
    return nodes.size();
  }

  /// What is recorded now, to be shown: `tape.describe().toString()` is a line for each operation, with shapes. Empty
  /// after the tape was consumed, so call it before `gradients(..)`.
  public Graph describe() {
    return Graph.of(this, Map.of());
  }

  /// The same, with the names that parameters have in a model, as its `parameters()` gives them.
  public Graph describe(Map<String, Param> parameters) {
    return Graph.of(this, parameters);
  }

  // ---- gradients ----------------------------------------------------------------------------------------------------

  /// The gradients of a scalar with respect to everything watched. Consumes the tape.
  ///
  /// @throws IllegalArgumentException if the target has not one element, or depends on nothing watched
  /// @throws IllegalStateException if this tape is for inference, consumed or closed, or the target is of another one
  public Gradients gradients(Variable target) {
    return gradients(List.of(target), List.of(BackwardPass.scalarSeed("gradients", target)), Retain.NOTHING);
  }

  /// The gradients of the sum of `target * seed`. Consumes the tape. Errors as for [#gradients(List, List, Retain)].
  public Gradients gradients(Variable target, Tensor seed) {
    return gradients(List.of(target), List.of(seed), Retain.NOTHING);
  }

  /// What a backward pass leaves behind.
  public enum Retain {
    /// Nothing: memory is released on the way, and the tape can record no more.
    NOTHING,
    /// The graph: there can be further backward passes.
    GRAPH
  }

  /// The gradients of the sum of all `target * seed`.
  ///
  /// @param seeds of the shapes and dtypes of the targets
  /// @throws IllegalArgumentException if no target depends on anything watched, or a seed has another shape or dtype
  /// @throws IllegalStateException if this tape is for inference, consumed or closed, or a target is of another one
  public Gradients gradients(List<Variable> targets, List<Tensor> seeds, Retain retain) {
    BackwardPass.requireDifferentiable("gradients", this, targets, seeds);
    state = State.PAUSED;
    try {
      return PooledPass.gradients(this, targets, seeds, retain);
    } finally {
      running = null;
      state = State.RECORDING;
      if (retain == Retain.NOTHING) {
        state = State.CONSUMED;
        nodes.clear();
      }
    }
  }

  /// The gradients of a scalar as recorded variables, one for each of `sources`, zeros where the target does not depend
  /// on one. They can be differentiated again. Nothing is consumed. Errors as for [#gradients(Variable)].
  public List<Variable> differentiate(Variable target, List<Variable> sources) {
    return differentiate(target, constant(BackwardPass.scalarSeed("differentiate", target)), sources);
  }

  /// [#differentiate(Variable, List)] of one source.
  public Variable differentiate(Variable target, Variable source) {
    return differentiate(target, List.of(source)).getFirst();
  }

  /// The gradients of the sum of `target * seed` as recorded variables, each of the shape of its source; the seed, of
  /// the target's shape, may be a variable of this tape. Errors as for [#gradients(List, List, Retain)].
  public List<Variable> differentiate(Variable target, Variable seed, List<Variable> sources) {
    BackwardPass.requireDifferentiable("differentiate", this, List.of(target), List.of(seed.value()));
    sources.forEach(source -> requireMine("differentiate", source.tape()));
    try {
      return BackwardPass.Recorded.gradients(this, target, seed, sources);
    } finally {
      running = null;
    }
  }

  // ---- recomputation ------------------------------------------------------------------------------------------------

  /// The results of `f`, of which nothing is kept: the backward pass runs `f` again, with the same random draws, to
  /// learn what it needs (gradient checkpointing: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").
  /// `f` may capture variables and watch parameters; it must do the same each time. What it memoises and borrows is its
  /// own. Calls may nest.
  public List<Variable> recompute(Supplier<List<Variable>> f) {
    requireOpen("recompute");
    return Replay.record(this, f);
  }

  /// The result of `f` applied to a variable, of which nothing is kept; see [#recompute(Supplier)].
  public Variable recompute(UnaryOperator<Variable> f, Variable input) {
    return recompute(() -> List.of(f.apply(input))).getFirst();
  }

  /// What `f` computes, recorded, with memos of its own: its nodes do not stay, and what was memoised outside may stand
  /// behind them on the tape when it runs again.
  List<Variable> recordApart(Supplier<List<Variable>> f) {
    State before = state;
    Map<Memo, Variable> outside = memos;
    RawAccess.ResultMemory lender = results;
    state = State.RECORDING;
    memos = new IdentityHashMap<>();
    results = null; // lent memory would stay until the tape is closed
    try {
      return f.get();
    } finally {
      state = before;
      memos = outside;
      results = lender;
    }
  }

  // ---- recording ----------------------------------------------------------------------------------------------------

  Variable record(String operation, Tensor value, Op.Argument[] arguments) {
    requireOpen(operation);
    for (Op.Argument argument : arguments) {
      requireMine(operation, argument.tape);
    }
    Op.Argument[] tracked = isRecording() ? Op.tracked(arguments) : NONE;
    Anomaly.checkResult(this, operation, "the result", value);
    if (tracked.length == 0) {
      return constant(value);
    }
    nodes.add(new Node.Single(operation, slots, tracked, value));
    return new Variable(this, slots++, value);
  }

  private static final Op.Argument[] NONE = {};

  /// The results of an operation of several.
  ///
  /// @param node makes the node, given the slot of the first result
  List<Variable> recordJoint(
      String operation, List<Tensor> values, List<Variable> arguments, IntFunction<Node> node) {
    requireOpen(operation);
    arguments.forEach(x -> requireMine(operation, x.tape()));
    if (!isRecording() || arguments.stream().noneMatch(Variable::isTracked)) {
      return values.stream().map(this::constant).toList();
    }
    return append(node.apply(slots), values);
  }

  List<Variable> append(Node node, List<Tensor> values) {
    nodes.add(node);
    List<Variable> results = new ArrayList<>(values.size());
    for (Tensor value : values) {
      Anomaly.checkResult(this, node.operation, values.size() == 1 ? "the result" : "a result", value);
      results.add(new Variable(this, slots++, value));
    }
    return results;
  }

  int slots() {
    return slots;
  }

  /// The node whose gradient rule runs now, or null.
  Node running() {
    return running;
  }

  /// Says that the gradient rule of a node runs from now on.
  void enter(Node node) {
    running = node;
  }

  void requireMine(String operation, Tape tape) {
    if (tape != this) {
      throw new IllegalStateException(operation + ": variables of two tapes; bring a value over with "
          + "tape.constant(..), the state of a recurrence with state.on(tape)");
    }
  }

  void requireOpen(String operation) {
    if (state == State.CLOSED) {
      throw new IllegalStateException(operation + ": the tape of this variable is closed");
    }
    if (state == State.CONSUMED) {
      throw new IllegalStateException(operation + ": this tape was consumed by gradients(..); record on a new one, "
          + "or ask for gradients with Retain.GRAPH");
    }
  }

  /// Releases what was recorded and gives borrowed buffers back. Values of variables stay readable, but for those whose
  /// memory is [used again][TapeOptions#reusingValues].
  @Override
  public void close() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      nodes.clear();
      leaves.clear();
      memos.clear();
      packed.clear();
      if (results != null) {
        results.takeBack();
      }
      loans.giveBack(0);
      options.workspace().tapeClosed();
    }
  }

  /// What it is doing, and how much it holds.
  @Override
  public String toString() {
    return "tape, " + state.name().toLowerCase(Locale.ROOT) + ", of " + nodes.size() + " operations on "
        + leaves.parameters().size() + " parameters";
  }
}
