package dev.rewind.tensor;

import dev.rewind.tensor.kernel.thread.ThreadPool;
import java.util.ArrayList;
import java.util.List;

/// Operations on the rows of a batch, deferred until each thread takes its rows through all of them: one hand-over to
/// the other threads for a whole recurrence instead of one for each product, and what a row needs next is still in the
/// cache. Element-wise functions, copies and products by a [PackedMatrix] can be deferred; results have the same bits.
///
/// Operations are deferred if an operand was passed to [#adopt], or is the result of a deferred operation, and if they
/// have the rows of this program. All access to an array goes through [Storage#settled], which first runs all
/// operations pending on it. Only an array that is known outside this package could be changed unnoticed, so operands
/// that [Tensor#wrap(float\[\], int...)] or [RawAccess#floats] exposed are never read later.
///
/// The rest of the package calls [#defers] before it computes, and nothing else; other modules see
/// [RawAccess#deferRows]. A program belongs to the thread that made it; operations of other threads are not deferred.
final class RowFusion implements AutoCloseable {
  /// Rows that a thread should have at least: fewer would read a weight from memory for too little work.
  private static final int MIN_ROWS = 8;
  private static final int MAX_ROWS = 32;
  /// Elements of the widest operand that stay in the first-level cache.
  private static final int CACHED = 4096;
  /// Pending operations at most, so that new arrays are still in the cache when they are written.
  private static final int MAX_PENDING = 64;
  /// Multiplications from which on other threads are worth waking.
  private static final long PARALLEL = 1 << 19;

  private final int rows;
  private Thread owner = Thread.currentThread(); // null when closed: tensors keep programs, which must not keep threads
  private final List<RowInstruction> pending = new ArrayList<>();
  private volatile boolean open = true;
  private volatile boolean idle = true;
  private long work;
  private int epoch;

  /// A program for tensors whose first axis has this size.
  RowFusion(int rows) {
    this.rows = rows;
  }

  /// Whether a batch has enough rows for each thread.
  static boolean pays(int rows) {
    return rows >= MIN_ROWS * Math.max(2, ThreadPool.threads());
  }

  /// From now on defers operations on this tensor and its views, if they have the rows of this program.
  void adopt(Tensor x) {
    Storage storage = x.rawStorage();
    if (open && storage.dtype() == DType.FLOAT32 && !storage.isExposed()) {
      settleElsewhere(x);
      claim(storage).member = true;
    }
  }

  /// Runs all pending operations.
  synchronized void run() {
    if (idle) {
      return;
    }
    List<RowInstruction> instructions = List.copyOf(pending);
    int threads = ThreadPool.threads();
    int wanted = threads * Math.max(1, rows / (threads * MAX_ROWS));
    int tasks = work < PARALLEL || threads == 1 ? 1 : Math.clamp(rows / MIN_ROWS, 1, wanted);
    pending.clear();
    work = 0;
    epoch++;
    try {
      ThreadPool.forEach(tasks, task -> run(instructions,
          (int) ((long) rows * task / tasks), (int) (rows * (task + 1L) / tasks)));
    } finally {
      idle = true;
    }
  }

  /// Products take all rows at once. The maps between two products go together through as many rows at a time as stay
  /// in the first-level cache.
  private static void run(List<RowInstruction> instructions, int from, int to) {
    int start = 0;
    while (start < instructions.size()) {
      int end = start;
      int columns = 1;
      while (end < instructions.size() && !instructions.get(end).isProduct()) {
        columns = Math.max(columns, instructions.get(end++).columns());
      }
      int block = Math.max(1, CACHED / columns);
      for (int row = from; row < to && start < end; row += block) {
        for (int i = start; i < end; i++) {
          instructions.get(i).run(row, Math.min(to, row + block));
        }
      }
      if (end < instructions.size()) {
        instructions.get(end++).run(from, to);
      }
      start = end;
    }
  }

  /// The number of pending operations.
  synchronized int waiting() {
    return pending.size();
  }

  /// Runs all pending operations; none are deferred from now on.
  @Override
  public void close() {
    run();
    open = false;
    owner = null;
  }

  // ---- arrays of deferred operations --------------------------------------------------------------------------------

  /// What the pending operations of a program do with an array. Row `first + i` of it, modulo the rows of the program,
  /// is touched with row `i` alone.
  static final class Claim {
    private final RowFusion program;
    private volatile boolean member; // operations on it are deferred
    private int epoch = -1; // of the last operation
    private boolean written;
    private boolean mixed; // read under several divisions into rows
    private int pitch;
    private int first;

    private Claim(RowFusion program) {
      this.program = program;
    }

    void settle() {
      if (!program.idle) {
        program.run();
      }
    }
  }

  private Claim claim(Storage storage) {
    Claim claim = storage.claim();
    if (claim == null || claim.program != this) {
      claim = new Claim(this);
      storage.claim(claim);
    }
    return claim;
  }

  /// The program in which operations on this tensor are deferred, or null.
  private static RowFusion of(Tensor x) {
    Claim claim = x.rawStorage().claim();
    return claim != null && claim.member && claim.program.open && claim.program.owner == Thread.currentThread()
        ? claim.program : null;
  }

  // ---- the hook -----------------------------------------------------------------------------------------------------

  /// Defers `y = f(a, b)`, or returns false: then the caller computes it. Functions of one operand get it twice.
  ///
  /// @param function what a [RowInstruction] takes
  /// @param accumulates whether the result is added to `y`
  static boolean defers(Object function, boolean accumulates, Tensor a, Tensor b, Tensor y) {
    RowFusion program = of(a);
    program = program == null ? of(b) : program;
    program = program == null ? of(y) : program;
    if (program == null) {
      return false;
    }
    program.settleElsewhere(a);
    program.settleElsewhere(b);
    program.settleElsewhere(y);
    return program.add(function, accumulates, a, b, y);
  }

  /// Runs what is pending on an operand in another program, before this one is locked.
  private void settleElsewhere(Tensor x) {
    Claim claim = x.rawStorage().claim();
    if (claim != null && claim.program != this) {
      claim.settle();
    }
  }

  private synchronized boolean add(Object function, boolean accumulates, Tensor a, Tensor b, Tensor y) {
    RowInstruction.Operand out = RowInstruction.Operand.of(y, rows);
    RowInstruction.Operand left = RowInstruction.Operand.of(a, rows);
    RowInstruction.Operand right = a == b ? left : RowInstruction.Operand.of(b, rows);
    if (out == null || left == null || right == null
        || !new RowInstruction(function, accumulates, left, right, out).fitsKernels()) {
      return false;
    }
    left = kept(a, left);
    right = a == b ? left : kept(b, right);
    if (left == null || right == null || out.isExposed()) {
      return false;
    }
    if (!touch(left, right, out)) {
      run();
      if (!touch(left, right, out)) {
        return false;
      }
    }
    RowInstruction instruction = new RowInstruction(function, accumulates, left, right, out);
    pending.add(instruction);
    if (function instanceof PackedMatrix matrix) {
      matrix.isUsedBy(this);
    }
    work += instruction.work() * rows;
    idle = false;
    if (pending.size() >= MAX_PENDING) {
      run();
    }
    return true;
  }

  /// The operand as it is now, to be read later: itself if it cannot be changed unnoticed, a copy if it is small, else
  /// null. A row that is repeated is copied, as it is often a parameter, which other threads may read meanwhile.
  private RowInstruction.Operand kept(Tensor x, RowInstruction.Operand operand) {
    Claim claim = x.rawStorage().claim();
    boolean waits = claim != null && claim.program == this && claim.epoch == epoch && claim.written;
    if (operand.pitch() == 0 && !waits) {
      return operand.copyOfRow();
    }
    return operand.isExposed() ? null : operand;
  }

  /// Notes what an operation reads and writes; false if it must not be deferred together with the pending ones.
  private boolean touch(RowInstruction.Operand a, RowInstruction.Operand b, RowInstruction.Operand y) {
    return touch(a, false) && (b == a || touch(b, false)) && touch(y, true);
  }

  private boolean touch(RowInstruction.Operand x, boolean writes) {
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
