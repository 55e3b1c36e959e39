import module rewind.nn;

/// One model, many threads: each request is a session with a state of its own, over weights that all share.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/Serving.java [REQUESTS]
///
/// The same seed writes the same symbols, whichever thread does it.
void main(String[] args) throws Exception {
  int requests = args.length > 0 ? Integer.parseInt(args[0]) : 200;
  Embedding embedding = new Embedding(50, 32, Rng.of(1));
  LstmCell cell = new LstmCell(32, 64, Rng.of(2));
  Linear projection = new Linear(64, 50, Rng.of(3));
  Sessions<LstmState> model = Sessions.of(embedding, cell, projection); // a copy of the weights: training may go on

  Function<Integer, String> answer = request -> Sampling.PLAIN
      .symbols(Decoder.of(model.open()), new int[] {request % 50}, Rng.of(request)).limit(100)
      .mapToObj(Integer::toString).collect(Collectors.joining(" "));
  List<String> alone = IntStream.range(0, requests).mapToObj(answer::apply).toList();

  try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
    List<Future<String>> answers = IntStream.range(0, requests)
        .mapToObj(request -> threads.submit(() -> answer.apply(request))).toList();
    int same = 0;
    for (int i = 0; i < requests; i++) {
      same += answers.get(i).get().equals(alone.get(i)) ? 1 : 0;
    }
    IO.println("%d of %d answers are the same as from one thread".formatted(same, requests));
  }
}
