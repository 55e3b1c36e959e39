package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Binary;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.PackedPanels;
import dev.rewind.tensor.kernel.ThreadPool;
import dev.rewind.tensor.kernel.Unary;
import java.util.ArrayList;
import java.util.List;

/// Operations on the rows of a batch that wait, until each thread takes its rows through all of them: one call to the
/// other threads for a whole recurrence instead of one for each product, and what a row needs next is still near. It
/// works for whatever treats rows alike: element-wise functions, copies, products by a matrix that was laid out. The
/// results have the bits that they have without it.
///
/// Whose operations wait is told by their operands: those of tensors given to [#adopt], of what came of them, and so
/// on, if they have the rows of the program. Nobody sees that an operation waits: whatever looks at the elements of a
/// tensor that one of the waiting ones reads or writes, in any way, makes all of them run first. Only an array that its
/// owner changes behind the back of its tensor could tell; so tensors whose arrays are known outside (by [Tensor#wrap]
/// or [RawAccess#floats]) are read at once, not later.
///
/// ```java
/// try (RowFusion program = RowFusion.of(batch)) {
///   program.adopt(first);
///   for (..) { next = first.plus(next.matmul(weight)).tanh(); } // weight is a PackedMatrix
/// }                                                             // here, or before, all of it is computed
/// ```
///
/// A program belongs to the thread that made it; operations of other threads do not wait in it.
public final class RowFusion implements AutoCloseable {
  /// Rows that a thread should have at least: fewer would read a weight from memory for too little work.
  private static final int LEAST_ROWS = 8;
  private static final int MOST_ROWS = 32;
  /// Floats of a row of the widest operand, times rows, that are near enough to be read again at once.
  private static final int NEAR = 4096;
  // so that arrays that were just made are still in the cache when they are written
  private static final int MOST_WAITING = 64;
  /// Operations on numbers from which on they are worth waking other threads.
  private static final long PARALLEL = 1 << 19;

  private final int rows;
  private Thread owner = Thread.currentThread(); // null once it is closed: tensors keep programs, which keep no thread
  private final List<RowInstruction> waiting = new ArrayList<>();
  private volatile boolean open = true;
  private volatile boolean idle = true;
  private long work;
  private int epoch;

  private RowFusion(int rows) {
    this.rows = rows;
  }

  /// A program for tensors whose first axis has this size.
  public static RowFusion of(int rows) {
    return new RowFusion(rows);
  }

  /// Whether a batch has rows enough to give each thread some.
  public static boolean pays(int rows) {
    return rows >= LEAST_ROWS * Math.max(2, ThreadPool.threads());
  }

  /// Makes operations on this tensor and on its views wait from now on, if they have the rows of this program.
  public void adopt(Tensor x) {
    Storage storage = x.rawStorage();
    if (open && storage instanceof Storage.Floats && !storage.isExposed()) {
      settleElsewhere(x);
      claim(storage).member = true;
    }
  }

  /// Runs what waits.
  public synchronized void run() {
    if (idle) {
      return;
    }
    List<RowInstruction> instructions = List.copyOf(waiting);
    int tasks = tasks();
    waiting.clear();
    work = 0;
    epoch++;
    try {
      ThreadPool.forEach(tasks, task -> run(instructions, start(task, tasks), start(task + 1, tasks)));
    } finally {
      idle = true;
    }
  }

  /// How many operations wait.
  synchronized int waiting() {
    return waiting.size();
  }

  private static void run(List<RowInstruction> instructions, int from, int to) {
    int done = 0;
    while (done < instructions.size()) {
      int end = endOfMaps(instructions, done);
      if (end == done) {
        instructions.get(done++).run(from, to);
      } else {
        runMaps(instructions.subList(done, end), from, to);
        done = end;
      }
    }
  }

  private static int endOfMaps(List<RowInstruction> instructions, int from) {
    int end = from;
    while (end < instructions.size() && instructions.get(end) instanceof RowInstruction.Map) {
      end++;
    }
    return end;
  }

  /// Element-wise functions one after another go block by block through as many rows as stay in the first cache.
  private static void runMaps(List<RowInstruction> maps, int from, int to) {
    int columns = 1;
    for (RowInstruction map : maps) {
      columns = Math.max(columns, map.columns());
    }
    int block = Math.max(1, NEAR / columns);
    for (int row = from; row < to; row += block) {
      for (RowInstruction map : maps) {
        map.run(row, Math.min(to, row + block));
      }
    }
  }

  private int tasks() {
    int threads = ThreadPool.threads();
    int wanted = threads * Math.max(1, rows / (threads * MOST_ROWS));
    return work < PARALLEL || threads == 1 ? 1 : Math.clamp(rows / LEAST_ROWS, 1, wanted);
  }

  private int start(int part, int parts) {
    return (int) ((long) rows * part / parts);
  }

  /// Runs what waits; from now on nothing does.
  @Override
  public void close() {
    run();
    open = false;
    owner = null;
  }

  // ---- who belongs to it
  // ----------------------------------------------------------------------------------------------

  /// What the waiting operations of a program do with an array. Row `first + i` of it, modulo the rows of the program,
  /// is touched with row `i` alone.
  static final class Claim {
    final RowFusion program;
    private volatile boolean member; // operations on it wait
    private int epoch = -1; // of the last operation
    private boolean written;
    private boolean mixed; // read by several row divisions
    private int pitch;
    private int first;

    Claim(RowFusion program) {
      this.program = program;
    }

    void settle() {
      if (!program.idle) {
        program.run();
      }
    }
  }

  /// The program in which an operation on this tensor waits, or null.
  private static RowFusion of(Tensor x) {
    Claim claim = x.rawStorage().claim();
    return claim != null && claim.member && claim.program.open && claim.program.owner == Thread.currentThread()
        ? claim.program : null;
  }

  private Claim claim(Storage storage) {
    Claim claim = storage.claim();
    if (claim == null || claim.program != this) {
      claim = new Claim(this);
      storage.claim(claim);
    }
    return claim;
  }

  // ---- what can wait: each tells whether it does
  // -------------------------------------------------------------------------

  static boolean defer(Unary op, Tensor x, Tensor y) {
    RowFusion program = of(x);
    return program != null && program.waits(RowInstruction.Kind.of(op), x, null, y);
  }

  static boolean defer(Binary op, Tensor a, Tensor b, Tensor y) {
    RowFusion program = of(a, b, y);
    return program != null && program.waits(RowInstruction.Kind.of(op), a, b, y);
  }

  static boolean deferAccumulate(Binary op, Tensor a, Tensor b, Tensor y) {
    RowFusion program = of(a, b, y);
    return program != null && program.waits(RowInstruction.Kind.accumulating(op), a, b, y);
  }

  static boolean deferCopy(Tensor x, Tensor y) {
    RowFusion program = of(x, y, y);
    return program != null && program.waits(RowInstruction.Kind.COPY, x, null, y);
  }

  /// `y = left * right` or `y += left * right`.
  static boolean defer(Tensor left, PackedMatrix right, PackedPanels packed, Tensor y, boolean accumulate) {
    RowFusion program = of(left, y, y);
    return program != null && program.waits(left, right, packed, y, accumulate);
  }

  private static RowFusion of(Tensor a, Tensor b, Tensor c) {
    RowFusion program = of(a);
    program = program == null ? of(b) : program;
    return program == null ? of(c) : program;
  }

  private boolean waits(RowInstruction.Kind kind, Tensor a, Tensor b, Tensor y) {
    settleElsewhere(a);
    settleElsewhere(b);
    settleElsewhere(y);
    return add(kind, a, b, y);
  }

  private boolean waits(Tensor left, PackedMatrix right, PackedPanels packed, Tensor y, boolean accumulate) {
    settleElsewhere(left);
    settleElsewhere(y);
    return addProduct(left, right, packed, y, accumulate);
  }

  /// Runs what waits for an operand in another program, before this one is locked.
  private void settleElsewhere(Tensor x) {
    Claim claim = x == null ? null : x.rawStorage().claim();
    if (claim != null && claim.program != this) {
      claim.settle();
    }
  }

  private synchronized boolean add(RowInstruction.Kind kind, Tensor a, Tensor b, Tensor y) {
    RowOperand out = RowOperand.of(y, rows);
    RowOperand left = RowOperand.of(a, rows);
    RowOperand right = b == null ? left : RowOperand.of(b, rows);
    if (out == null || left == null || right == null || !kind.takes(left, right, out)) {
      return false;
    }
    left = kept(a, left);
    right = b == null ? left : kept(b, right);
    if (left == null || right == null || out.isExposed()) {
      return false;
    }
    if (!touch(left, right, out)) {
      run();
      if (!touch(left, right, out)) {
        return false;
      }
    }
    append(new RowInstruction.Map(Kernels.active().maps(), kind, left, right, out), 4L * y.elements());
    return true;
  }

  private synchronized boolean addProduct(Tensor left, PackedMatrix right, PackedPanels packed, Tensor y,
      boolean accumulate) {
    RowOperand in = RowOperand.of(left, rows);
    RowOperand out = RowOperand.of(y, rows);
    if (left.rank() != 2 || in == null || out == null || in.isExposed() || out.isExposed() || out.step() != 1) {
      return false;
    }
    if (!touch(in, in, out)) {
      run();
      if (!touch(in, in, out)) {
        return false;
      }
    }
    right.isUsedBy(this);
    append(new RowInstruction.Product(Kernels.active().matrices(), in, packed, out, accumulate),
        2L * left.elements() * packed.n());
    return true;
  }

  private void append(RowInstruction instruction, long operations) {
    waiting.add(instruction);
    work += operations;
    idle = false;
    if (waiting.size() >= MOST_WAITING) {
      run();
    }
  }

  /// The operand as it is now, for later: itself if nobody can change it unseen, a copy if that is small, else null.
  /// What is the same for all rows is copied, since it is often a parameter, which other threads may read at the same
  /// time.
  private RowOperand kept(Tensor x, RowOperand operand) {
    Claim claim = x.rawStorage().claim();
    boolean waits = claim != null && claim.program == this && claim.epoch == epoch && claim.written;
    if (operand.pitch() == 0 && !waits) {
      return operand.copyOfRow();
    }
    return operand.isExposed() ? null : operand;
  }

  /// Notes what an operation reads and writes; false if it must not wait together with those that do now.
  private boolean touch(RowOperand a, RowOperand b, RowOperand y) {
    return touch(a, false) && (b == a || touch(b, false)) && touch(y, true);
  }

  private boolean touch(RowOperand x, boolean writes) {
    if (x.storage() == null) {
      return true;
    }
    Claim claim = claim(x.storage());
    boolean fits;
    if (claim.epoch != epoch) {
      claim.epoch = epoch;
      claim.written = false;
      claim.pitch = x.pitch();
      claim.first = x.firstRow();
      claim.mixed = !x.hasRowsApart();
      fits = !(writes && claim.mixed);
    } else {
      boolean alike = !claim.mixed && x.hasRowsApart() && x.pitch() == claim.pitch
          && (x.firstRow() - claim.first) % rows == 0;
      claim.mixed |= !alike;
      fits = alike || !(writes || claim.written);
    }
    if (writes && fits) {
      claim.written = true;
      claim.member = true;
    }
    return fits;
  }
}
