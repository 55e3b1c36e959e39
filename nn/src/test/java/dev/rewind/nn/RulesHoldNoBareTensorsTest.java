package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Op;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A gradient rule reads a tensor through a variable, which finds out whether it was changed in place since the
/// operation was recorded. So no lambda that is a rule captures a tensor, in any class of the library.
class RulesHoldNoBareTensorsTest {
  private static final ClassDesc TENSOR = Tensor.class.describeConstable().orElseThrow();
  private static final Set<String> RULES = Set.of(
      "Op$Rule", "Op$ResultRule", "Op$AddInto", "Op$AddResultInto", "Op$JointRule", "BiConsumer", "Supplier");

  // no rules, but what a scope runs, and what memory is lent to
  private static final Set<String> RUN_AT_ONCE = Set.of("dev/rewind/nn/rnn/StackedCell.scanSymbols",
      "dev/rewind/nn/rnn/Recurrence.scanSymbols");

  @Test
  void noRuleCapturesATensor() throws IOException, URISyntaxException {
    List<String> found = new ArrayList<>();
    int[] rules = new int[1];
    for (Class<?> module : List.of(Op.class, Losses.class)) {
      for (Path file : classes(module)) {
        ClassModel model = ClassFile.of().parse(file);
        model.methods().forEach(method -> method.code().ifPresent(code -> code.forEach(element -> {
          if (element instanceof InvokeDynamicInstruction lambda && isRule(lambda.typeSymbol())) {
            rules[0]++;
            String where = model.thisClass().asInternalName() + "." + method.methodName().stringValue();
            if (lambda.typeSymbol().parameterList().contains(TENSOR) && !RUN_AT_ONCE.contains(where)) {
              found.add(where);
            }
          }
        })));
      }
    }
    assertThat(found).isEmpty();
    assertThat(rules[0]).isGreaterThan(100);
  }

  private static boolean isRule(MethodTypeDesc type) {
    return RULES.contains(type.returnType().displayName());
  }

  private static List<Path> classes(Class<?> module) throws IOException, URISyntaxException {
    URI root = module.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path directory = Path.of(root);
    try (Stream<Path> files = Files.walk(Files.isDirectory(directory) ? directory
        : java.nio.file.FileSystems.newFileSystem(directory).getPath("/"))) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }
}
