import com.sun.jdi.AbsentInformationException;
import com.sun.jdi.Bootstrap;
import com.sun.jdi.Location;
import com.sun.jdi.Method;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.MethodEntryRequest;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Prints how many lines of code the methods have that a plain backward pass enters, by class: the loss of two layers,
/// `tape.gradients(loss)` alone, without what was entered for the values. Needs a build, and then
///
/// ```
/// java -cp core-tensor/target/classes:autograd/target/classes scripts/Entered.java
/// ```
///
/// A line counts if the compiler made code from it.
public final class Entered {
  private Entered() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0) {
      train();
      return;
    }
    LaunchingConnector connector = Bootstrap.virtualMachineManager().defaultConnector();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    arguments.get("options").setValue("-Drewind.kernels=scalar -cp " + System.getProperty("java.class.path"));
    arguments.get("main").setValue(System.getProperty("jdk.launcher.sourcefile", "scripts/Entered.java") + " run");
    VirtualMachine machine = connector.launch(arguments);
    Map<String, Set<Integer>> lines = new TreeMap<>(); // by class
    MethodEntryRequest marks = request(machine, "*Entered");
    MethodEntryRequest entries = request(machine, "dev.rewind.*");
    marks.enable();
    try {
      while (true) {
        EventSet events = machine.eventQueue().remove();
        for (Event event : events) {
          if (event instanceof MethodEntryEvent entry) {
            switch (entry.method().declaringType().name() + "." + entry.method().name()) {
              case "Entered.backward" -> entries.enable();
              case "Entered.end" -> entries.disable();
              default -> add(lines, entry.method());
            }
          }
        }
        events.resume();
      }
    } catch (VMDisconnectedException e) {
      print(lines);
    }
  }

  private static MethodEntryRequest request(VirtualMachine machine, String classes) {
    MethodEntryRequest request = machine.eventRequestManager().createMethodEntryRequest();
    request.addClassFilter(classes);
    request.setSuspendPolicy(EventRequest.SUSPEND_ALL);
    return request;
  }

  private static void add(Map<String, Set<Integer>> lines, Method method) throws AbsentInformationException {
    String type = method.declaringType().name();
    if (type.startsWith("dev.rewind.") && method.location().lineNumber() >= 0) { // not what the compiler adds
      for (Location location : method.allLineLocations()) {
        lines.computeIfAbsent(type, name -> new TreeSet<>()).add(location.lineNumber());
      }
    }
  }

  private static void print(Map<String, Set<Integer>> lines) {
    lines.forEach((type, entered) -> System.out.printf("%5d %s%n", entered.size(), type));
    System.out.printf("%5d lines%n", lines.values().stream().mapToInt(Set::size).sum());
  }

  private static void train() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(Tensor.ones(DType.FLOAT32, 4, 3));
      Variable hidden = x.matmul(tape.watch(Tensor.ones(DType.FLOAT32, 3, 5))).tanh();
      Variable loss = hidden.matmul(tape.watch(Tensor.ones(DType.FLOAT32, 5, 2))).square().mean();
      backward(tape, loss);
    }
  }

  private static void backward(Tape tape, Variable loss) {
    tape.gradients(loss);
    end();
  }

  private static void end() {}
}
