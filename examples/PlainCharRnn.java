/// The five matrices of MinCharRnn without any library: arrays, loops, and the backward pass written out by hand. It comes
/// to the same losses. From the project's folder:
///
///     java examples/PlainCharRnn.java [TEXT-FILE [ITERATIONS]]
///
/// Letters of the shapes: B streams of text side by side, T steps of time, V kinds of symbols, H hidden units.
final int B = 16, T = 25, H = 100;

int[] symbols; // [V], sorted
int[] text; // the whole text as numbers of symbols
double[][] wxh; // [V, H]: symbol to hidden, a row for each symbol
double[][] whh; // [H, H]: hidden to hidden
double[][] bh; // [1, H]
double[][] why; // [H, V]: hidden to logits
double[][] by; // [1, V]
double[][] dwxh; // the gradient of the loss by each, of the same shape
double[][] dwhh;
double[][] dbh;
double[][] dwhy;
double[][] dby;
double[][] carried; // [B, H]: the state from window to window

void main(String[] args) throws IOException {
  read(Files.readString(Path.of(args.length > 0 ? args[0] : "examples-charrnn/target/classes/corpus/dickens.txt")));
  train(args.length > 1 ? Integer.parseInt(args[1]) : 500);
  write(300, new Random(1));
}

void train(int iterations) {
  begin(new Random(1));
  double[][][] matrices = {wxh, whh, bh, why, by};
  double[][][] squares = Stream.of(matrices).map(m -> new double[m.length][m[0].length]).toArray(double[][][]::new);
  for (int i = 0; i < iterations; i++) {
    double loss = lossAndGradients(i);
    double[][][] gradients = {dwxh, dwhh, dbh, dwhy, dby};
    for (int m = 0; m < matrices.length; m++) {
      adagrad(matrices[m], gradients[m], squares[m]);
    }
    if (i < 3 || i % 250 == 0 || i == iterations - 1) {
      IO.println("%5d  loss %.10f".formatted(i + 1, loss));
    }
  }
}

void begin(Random random) {
  wxh = matrix(random, symbols.length, H);
  whh = matrix(random, H, H);
  bh = matrix(random, 1, H);
  why = matrix(random, H, symbols.length);
  by = matrix(random, 1, symbols.length);
  carried = new double[B][H];
}

/// The mean loss of window i, over all B * T positions. Leaves its gradients in the arrays for them, and the state in
/// `carried`.
double lossAndGradients(int i) {
  dwxh = new double[symbols.length][H];
  dwhh = new double[H][H];
  dbh = new double[1][H];
  dwhy = new double[H][symbols.length];
  dby = new double[1][symbols.length];
  int stream = (text.length - 1) / B; // symbols of a stream
  int from = i % (stream / T) * T;
  double loss = 0;
  for (int b = 0; b < B; b++) {
    loss += oneStream(Arrays.copyOfRange(text, b * stream + from, b * stream + from + T + 1), b);
  }
  return loss;
}

/// One stream's share of the loss and of the gradients: forwards through time, then backwards.
double oneStream(int[] ids, int b) {
  int V = symbols.length;
  double loss = 0;
  double[][] h = new double[T + 1][]; // h[t] is the state before step t
  double[][] p = new double[T][]; // [T, V]: probabilities of the next symbol
  h[0] = carried[b];
  for (int t = 0; t < T; t++) {
    h[t + 1] = next(ids[t], h[t]);
    p[t] = softmax(logits(h[t + 1]));
    loss -= Math.log(p[t][ids[t + 1]]) / (B * T);
  }
  carried[b] = h[T];

  double[] dhNext = new double[H]; // what comes back from the step after; nothing from behind the window
  for (int t = T - 1; t >= 0; t--) {
    double[] dLogits = p[t]; // softmax and cross-entropy together: p - 1 at the target, p elsewhere
    dLogits[ids[t + 1]] -= 1;
    double[] dh = dhNext.clone();
    for (int v = 0; v < V; v++) {
      dLogits[v] /= B * T;
      dby[0][v] += dLogits[v];
    }
    for (int k = 0; k < H; k++) {
      for (int v = 0; v < V; v++) {
        dwhy[k][v] += h[t + 1][k] * dLogits[v];
        dh[k] += why[k][v] * dLogits[v];
      }
    }
    dhNext = new double[H];
    double[] dSum = new double[H]; // through tanh, whose derivative is 1 - tanh^2
    for (int k = 0; k < H; k++) {
      dSum[k] = dh[k] * (1 - h[t + 1][k] * h[t + 1][k]);
      dbh[0][k] += dSum[k];
      dwxh[ids[t]][k] += dSum[k]; // only the row that was looked up
    }
    for (int j = 0; j < H; j++) {
      for (int k = 0; k < H; k++) {
        dwhh[j][k] += h[t][j] * dSum[k];
        dhNext[j] += whh[j][k] * dSum[k];
      }
    }
  }
  return loss;
}

void write(int length, Random random) {
  double[] h = new double[H];
  int id = 0;
  for (int n = 0; n < length; n++) {
    h = next(id, h);
    id = draw(softmax(logits(h)), random);
    IO.print(Character.toString(symbols[id]));
  }
  IO.println();
}

/// tanh(x Wxh + h Whh + bh), [H]; the product of a one-hot x with Wxh is a row of Wxh.
double[] next(int id, double[] h) {
  double[] sum = new double[H];
  for (int k = 0; k < H; k++) {
    sum[k] = wxh[id][k] + bh[0][k];
  }
  addProduct(h, whh, sum);
  return Arrays.stream(sum).map(Math::tanh).toArray();
}

/// h Why + by, [V].
double[] logits(double[] h) {
  double[] logits = by[0].clone();
  addProduct(h, why, logits);
  return logits;
}

void addProduct(double[] x, double[][] matrix, double[] sum) {
  for (int j = 0; j < x.length; j++) {
    for (int k = 0; k < sum.length; k++) {
      sum[k] += x[j] * matrix[j][k];
    }
  }
}

double[] softmax(double[] logits) {
  double max = Arrays.stream(logits).max().getAsDouble();
  double[] exps = Arrays.stream(logits).map(logit -> Math.exp(logit - max)).toArray();
  double sum = Arrays.stream(exps).sum();
  return Arrays.stream(exps).map(exp -> exp / sum).toArray();
}

int draw(double[] probabilities, Random random) {
  double left = random.nextDouble();
  for (int id = 0; id < probabilities.length - 1; id++) {
    left -= probabilities[id];
    if (left < 0) {
      return id;
    }
  }
  return probabilities.length - 1;
}

void adagrad(double[][] matrix, double[][] gradient, double[][] squares) {
  for (int row = 0; row < matrix.length; row++) {
    for (int column = 0; column < matrix[row].length; column++) {
      double g = Math.clamp(gradient[row][column], -5, 5);
      squares[row][column] += g * g;
      matrix[row][column] -= 0.05 * g / (Math.sqrt(squares[row][column]) + 1e-10);
    }
  }
}

double[][] matrix(Random random, int rows, int columns) {
  double[][] small = new double[rows][columns];
  for (double[] row : small) {
    Arrays.setAll(row, column -> 0.01 * random.nextGaussian());
  }
  return small;
}

void read(String all) {
  symbols = all.chars().distinct().sorted().toArray();
  text = all.chars().map(symbol -> Arrays.binarySearch(symbols, symbol)).toArray();
}
