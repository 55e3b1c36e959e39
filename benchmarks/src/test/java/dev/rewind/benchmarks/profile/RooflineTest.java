package dev.rewind.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.rewind.benchmarks.TrainingBenchmark.Case;
import dev.rewind.benchmarks.TrainingSizes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RooflineTest {
  private static final String TASKS = "tensor.kernel.thread.ThreadPool$Job.work";
  private static final String GENERAL = "tensor.kernel.product.FloatMatrices.packed";
  private static final TrainingPart WEIGHTS = part("back: weights of the layers");
  private static final TrainingPart PROJECTION = part("projection");

  private static TrainingPart part(String name) {
    return TrainingPart.all(TrainingPart.FUSED).stream().filter(part -> part.name().equals(name)).findFirst()
        .orElseThrow();
  }

  @Test
  void everyPlaceIsAMethodOfToday() {
    assertThat(TrainingPart.stalePlaces())
        .as("TrainingPart tells parts of a step apart by these methods; who moves one names it anew there").isEmpty();
    assertThat(TrainingPart.exists("nn.fused.FusedSequence.formerly")).isFalse();
    assertThat(TrainingPart.exists("nn.fused.Formerly.*")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void productsOfThePartsAreTheWorkOfTheStep(Case yardstick) {
    TrainingSizes sizes = yardstick.sizes();
    assertThat(products(TrainingPart.FUSED, sizes))
        .isCloseTo(sizes.computedFlops() * sizes.positions(), withinPercentage(1e-7));
    assertThat(products(TrainingPart.CUSTOM, sizes))
        .isCloseTo(sizes.writtenFlops() * sizes.positions(), withinPercentage(1e-7));
  }

  private static double products(List<TrainingPart> step, TrainingSizes sizes) {
    return step.stream()
        .filter(
            part -> part.name().matches("(?!.*(point-wise|element|rows|biases|embedding and|loss|norm|optimizer)).*"))
        .mapToDouble(part -> part instanceof TrainingPart.Computation c ? c.flops().applyAsDouble(sizes) : 0).sum();
  }

  @Test
  void theWorkOfTheYardstickIsThePublishedOne() {
    assertThat(Case.SMALL.sizes().writtenFlops()).isCloseTo(1.62e6, within(0.01e6));
    assertThat(Case.LARGE.sizes().writtenFlops()).isCloseTo(25.4e6, within(0.05e6));
  }

  @Test
  void aHelpersTaskBelongsToWhoTheMainThreadCallsItFor() {
    StackShares shares = new StackShares(TrainingPart.FUSED, 1);
    for (int k = 0; k < 3; k++) {
      shares.add(1, List.of(GENERAL, "0x1.accept", TASKS, GENERAL, "nn.fused.FusedSequence.weightGradients"));
    }
    shares.add(1, List.of(GENERAL, "0x1.accept", TASKS, GENERAL, "nn.Linear.forward"));
    shares.add(1, List.of("nn.Linear.forward"));
    shares.add(2, List.of(GENERAL, "0x1.accept", TASKS, "tensor.kernel.thread.ThreadPool$Helper.run"));
    shares.lost(2, 1);
    shares.settle(Map.of(1L, 50.0, 2L, 16.0));
    assertThat(shares.spent()).isEqualTo(Map.of(WEIGHTS, 30.0 + 6, PROJECTION, 20.0 + 2));
    assertThat(shares.unseen()).isEqualTo(8);
    assertThat(shares.serial()).isEqualTo(10);
  }

  @Test
  void aHelperWithoutATaskSpinsAndPackingCountsAsSuch() {
    StackShares shares = new StackShares(TrainingPart.FUSED, 1);
    shares.add(2, List.of("tensor.kernel.thread.ThreadPool$Helper.help", "tensor.kernel.thread.ThreadPool$Helper.run"));
    shares.add(2,
        List.of("tensor.kernel.product.Packing.gather", GENERAL, TASKS, "tensor.kernel.thread.ThreadPool$Helper.run"));
    shares.add(2, List.of("unknown.Type.method", TASKS, "tensor.kernel.thread.ThreadPool$Helper.run"));
    shares.settle(Map.of(2L, 3.0));
    assertThat(shares.spent()).isEqualTo(Map.of(
        part("handing out work, spinning"), 1.0, part("packing and transposing"), 1.0, TrainingPart.OTHER, 1.0));
  }
}
