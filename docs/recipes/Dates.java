import module rewind.nn;

/// Writes dates of many forms in one, "tuesday, 3 may 1988" as "1988-05-03": a decoder with attention over what an
/// encoder read, character by character, by beam search.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/Dates.java [EPOCHS]
///
/// B dates, S characters of the longest one; a target has U = 11 symbols, ten characters and the end.
final String READS = " ,./0123456789abcdefghijklmnopqrstuvwxyz", WRITES = "0123456789-.";
final int END = WRITES.indexOf('.'), E = 24, H = 48;
final List<DateTimeFormatter> FORMS = Stream.of("d MMM yyyy", "d MMMM yyyy", "EEEE, d MMMM yyyy", "MMM d, yyyy",
    "EEE MMMM d yyyy", "dd.MM.yyyy", "d.M.yy", "yyyy/MM/dd", "d/MMM/yy")
    .map(form -> new DateTimeFormatterBuilder().appendPattern(form).toFormatter(Locale.ENGLISH)).toList();

final class Translator extends Block {
  final Embedding source = child("source", new Embedding(READS.length(), E, Rng.of(1)));
  final Gru encoder = child("encoder", new Gru(RecurrentOptions.of(E, H / 2).withBidirectional(true), Rng.of(2)));
  final Embedding target = child("target", new Embedding(WRITES.length(), E, Rng.of(3)));
  final AttentionCell<HiddenState> decoder = child("decoder",
      new AttentionCell<>(new GruCell(E + H, H, Rng.of(4)), new DotProductAttention(H, H, Rng.of(5))));
  final Linear projection = child("projection", new Linear(2 * H, WRITES.length(), Rng.of(6)));

  AttentionState<HiddenState> read(Tape tape, Batch batch) {
    Variable memory = encoder.forward(source.forward(tape.constant(batch.inputs())), batch.lengths()).outputs();
    return decoder.state(memory, batch.lengths()); // memory [B, S, H]
  }

  Variable loss(Tape tape, Batch batch) {
    Tensor before = batch.targets().slice(1, 0, 10).pad(1, 1, 0, END); // [B, U]: what was written before
    Variable outputs = Recurrence.scan(decoder, target.forward(tape.constant(before)), read(tape, batch)).outputs();
    return Losses.crossEntropy(projection.forward(outputs), batch.targets());
  }
}

int[] symbols(String text, String of) {
  return text.toLowerCase(Locale.ENGLISH).chars().map(of::indexOf).toArray();
}

/// A day from 1970 to 2069, so that two digits of a year say which it is.
Example date(Rng rng) {
  LocalDate day = LocalDate.of(1970, 1, 1).plusDays(rng.nextInt(36_524));
  return Example.of(symbols(FORMS.get(rng.nextInt(FORMS.size())).format(day), READS), symbols(day + ".", WRITES));
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 4;
  Dataset<Example> training = Dataset.of(12_000, i -> date(Rng.of(7).split(i)));
  Set<String> seen = training.stream().map(example -> example.input().toString()).collect(Collectors.toSet());
  List<Example> unseen = IntStream.iterate(0, i -> i + 1).mapToObj(i -> date(Rng.of(8).split(i)))
      .filter(example -> !seen.contains(example.input().toString())).limit(200).toList();
  Translator model = new Translator();
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 1e-2),
      epoch -> training.batchesByLength(64, Example::length, Rng.of(9).split(epoch)).map(Batch::of), model::loss);
  trainer.clip(1).schedule(Schedule.cosine(1e-2, 1e-4, epochs * 188));
  new TrainingLoop<>(model, trainer).epochs(epochs).run();

  Batch batch = Batch.of(unseen);
  Session<AttentionState<HiddenState>> session =
      Sessions.of(model.target, model.decoder, model.projection).open(batch.size());
  try (Tape tape = Tape.inference()) {
    session.setState(model.read(tape, batch));
  }
  int[] begin = Tensor.full(DType.INT32, END, batch.size()).toInts();
  List<List<Hypothesis>> found = BeamSearch.of(4, 11).withEnd(END).searchAll(Decoder.of(session), begin);
  long right = IntStream.range(0, batch.size()).filter(b -> Arrays.equals(
      found.get(b).getFirst().toArray(), unseen.get(b).target().toInts())).count();
  IO.println("%d of %d unseen dates".formatted(right, unseen.size()));
}
