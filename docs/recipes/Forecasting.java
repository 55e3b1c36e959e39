import module rewind.nn;

/// Forecasts a day of hourly values from the three days before, beside the usual baseline: the same hour a week ago.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/Forecasting.java [EPOCHS [PICTURE]]
///
/// The made series has a daily season that is weaker at weekends, a slow drift and noise. B windows of T = 72 hours,
/// H = 24 hours ahead. The network sees the hour of the day and of the week as sines and cosines.
final int T = 72, H = 24, WEEK = 168, HOURS = 26 * WEEK;

final class Forecaster extends Block {
  final Gru gru = child("gru", new Gru(RecurrentOptions.of(5, 32), Rng.of(1)));
  final Linear ahead = child("ahead", new Linear(32, H, Rng.of(2)));

  Variable forward(Tape tape, Batch batch) {
    Variable outputs = gru.forward(tape.constant(batch.inputs())).outputs(); // [B, T, 5] -> [B, T, 32]
    return ahead.forward(outputs.select(1, T - 1)); // the last step: [B, 32] -> [B, H], all hours at once
  }
}

/// Rows of value and clock, [HOURS, 5].
Tensor series() {
  Rng rng = Rng.of(3);
  float[][] rows = new float[HOURS][];
  double drift = 0;
  for (int t = 0; t < HOURS; t++) {
    double day = 2 * Math.PI * t / 24;
    double week = 2 * Math.PI * t / WEEK;
    double season = 10 * Math.sin(day) * (t % WEEK < 120 ? 1 : 0.4);
    drift += rng.nextNormal() * 0.15;
    rows[t] = new float[] {(float) (50 + season + drift + rng.nextNormal()), (float) Math.sin(day),
        (float) Math.cos(day), (float) Math.sin(week), (float) Math.cos(week)};
  }
  return Tensor.of(rows);
}

/// The values of some rows, `[B, T, 5]` to `[B, T]`.
Tensor values(Tensor rows) {
  return rows.select(2, 0);
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 10;
  Path picture = args.length > 1 ? Path.of(args[1]) : null;
  Tensor series = series();
  Split<Tensor> split = Split.of(series, 0.2); // the end is held out
  Standardizer scale = Standardizer.of(split.training());
  Standardizer ofValue = scale.features(0);
  Dataset<Example> training = Windows.sliding(scale.apply(split.training()), T, H, 2);
  Forecaster model = new Forecaster();
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 3e-3),
      epoch -> training.shuffled(Rng.of(4).split(epoch)).batches(32).map(Batch::of),
      (tape, batch) -> Losses.huber(model.forward(tape, batch), values(batch.targets()), 1)); // [B, H] both
  new TrainingLoop<>(model, trainer.clip(1)).epochs(epochs).run();

  Mean baseline = new Mean();
  Mean forecaster = new Mean();
  for (Batch batch : Windows.sliding(split.validation(), WEEK, H, H).batches(16).map(Batch::of)) { // a day apart
    Tensor truth = values(batch.targets()); // [B, H], in the units of the series
    Tensor weekAgo = values(batch.inputs()).slice(1, 0, H);
    baseline.add(truth.minus(weekAgo).abs());
    Tensor last = scale.apply(batch.inputs().slice(1, WEEK - T, WEEK)); // [B, T, 5]
    try (Tape tape = Tape.inference()) {
      Variable scaled = model.forward(tape, new Batch(last, batch.lengths(), truth, batch.targetLengths()));
      Tensor forecast = ofValue.invert(scaled.value().unsqueeze(2)).squeeze(2); // [B, H], in the units of the series
      forecaster.add(truth.minus(forecast).abs());
      if (picture != null) {
        new Plot("hours; each day is forecast at its start", 0, 1).line("truth", truth.slice(0, 0, 7).toDoubles())
            .line("forecast", forecast.slice(0, 0, 7).toDoubles())
            .line("a week ago", weekAgo.slice(0, 0, 7).toDoubles()).write(picture);
        picture = null; // the first week is enough
      }
    }
  }
  IO.println("a week ago: mean absolute error %.2f".formatted(baseline.value()));
  IO.println("forecaster: mean absolute error %.2f".formatted(forecaster.value()));
}
