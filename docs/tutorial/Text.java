import module java.base;
import module rewind.nn;

/// A text as numbers of its symbols, which is read in windows: B streams side by side, T symbols of each at a time.
///
/// @param symbols V of them, sorted
/// @param ids the text, each symbol as its place among them
/// @param epochs how often the program is to read it
/// @param start when reading was done, by `System.nanoTime()`
record Text(int[] symbols, int[] ids, int epochs, long start) {
  private static final String BUNDLED = "examples-charrnn/target/classes/corpus/dickens.txt";

  /// The arguments of a program: a file, or else the bundled text, and the number of epochs, or else 1.
  static Text of(String[] args) throws IOException {
    String all = Files.readString(Path.of(args.length > 0 ? args[0] : BUNDLED));
    int[] symbols = all.chars().distinct().sorted().toArray();
    int[] ids = all.chars().map(symbol -> Arrays.binarySearch(symbols, symbol)).toArray();
    return new Text(symbols, ids, args.length > 1 ? Integer.parseInt(args[1]) : 1, System.nanoTime());
  }

  /// V, the number of kinds of symbols.
  int kinds() {
    return symbols.length;
  }

  /// How many windows an epoch has.
  int windows(int B, int T) {
    return (ids.length - 1) / B / T;
  }

  /// The symbols of window i, `[B, T]`: row b goes on where row b of the window before ended.
  Tensor inputs(int i, int B, int T) {
    return window(i * T, B, T);
  }

  /// What comes next at each place of window i, `[B, T]`: the same, one symbol later.
  Tensor targets(int i, int B, int T) {
    return window(i * T + 1, B, T);
  }

  private Tensor window(int from, int B, int T) {
    int stream = (ids.length - 1) / B; // symbols of a stream
    int[][] rows = new int[B][];
    for (int b = 0; b < B; b++) {
      rows[b] = Arrays.copyOfRange(ids, b * stream + from, b * stream + from + T);
    }
    return Tensor.of(rows);
  }
}
