package dev.rewind.nn.io;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A reader of the pickles in the files of `torch.save`, for tensors, numbers, texts and containers of them. A pickle
/// is a program that may call any function of Python's; here there are six that it may name, none of which is called,
/// and all else is refused by name.
///
/// What it makes: `Map`, `List` (tuples too), `String`, `Long`, `Double`, `Boolean`, [#NONE] and [View].
final class Pickle {
  /// Python's None.
  static final Object NONE = new Object() {
    @Override
    public String toString() {
      return "None";
    }
  };

  /// Elements in the file.
  ///
  /// @param key what their entry is called
  record Storage(Element element, String key, long elements) {}

  /// A tensor: elements of a storage from an offset on, with a stride for each axis.
  record View(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

  private record Function(String name) {}

  private static final String ORDERED = "collections.OrderedDict";
  private static final String SIZE = "torch.Size";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final String TAGGED = "torch.jit._pickle.restore_type_tag"; // by the C++ library, around containers
  private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final Map<String, Integer> ARGUMENTS = Map.of(ORDERED, 0, SIZE, 1, PARAMETER, 3, TAGGED, 2, TENSOR, 6);
  private static final Object MARK = new Object();
  private static final int MOST_CODES = 1 << 23; // so that a small file cannot ask for much memory
  private static final Map<String, Element> STORAGES = Map.ofEntries(Map.entry("Double", Element.F64),
      Map.entry("Float", Element.F32), Map.entry("Half", Element.F16), Map.entry("BFloat16", Element.BF16),
      Map.entry("Long", Element.I64), Map.entry("Int", Element.I32), Map.entry("Short", Element.I16),
      Map.entry("Char", Element.I8), Map.entry("Byte", Element.U8), Map.entry("Bool", Element.BOOL),
      Map.entry("ComplexFloat", Element.C64));

  private final ByteBuffer in;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private Pickle(ByteBuffer in) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Reads one object.
  ///
  /// @throws IllegalArgumentException if it is not well-formed, or wants what is refused
  static Object read(ByteBuffer bytes) throws CharacterCodingException {
    Pickle pickle = new Pickle(bytes);
    try {
      int codes = 0;
      while (pickle.step()) {
        if (++codes > MOST_CODES) {
          throw new IllegalArgumentException("more than " + MOST_CODES + " objects are refused");
        }
      }
      return pickle.pop(Object.class);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("its pickle at byte " + (pickle.in.position() - 1) + ": " + e.getMessage(), e);
    }
  }

  /// Runs one code; returns whether there are more.
  private boolean step() throws CharacterCodingException {
    int code = take(1).get() & 0xff;
    switch (code) {
      case 0x80 -> requireProtocol(take(1).get());
      case '.' -> {
        return false;
      }
      case '(' -> stack.add(MARK);
      case '}' -> stack.add(new LinkedHashMap<>());
      case ']' -> stack.add(new ArrayList<>());
      case ')' -> stack.add(List.of());
      case 'N' -> stack.add(NONE);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'K' -> stack.add((long) (take(1).get() & 0xff));
      case 'M' -> stack.add((long) Short.toUnsignedInt(take(2).getShort()));
      case 'J' -> stack.add((long) take(4).getInt());
      case 0x8a -> stack.add(integer(take(take(1).get() & 0xff)));
      case 'G' -> stack.add(take(8).order(ByteOrder.BIG_ENDIAN).getDouble());
      case 'X' -> stack.add(text(take(take(4).getInt())));
      case 'q' -> memo.put(take(1).get() & 0xff, top());
      case 'r' -> memo.put(take(4).getInt(), top());
      case 'h' -> stack.add(remembered(take(1).get() & 0xff));
      case 'j' -> stack.add(remembered(take(4).getInt()));
      case 't' -> stack.add(untilMark());
      case 0x85, 0x86, 0x87 -> stack.add(last(code - 0x84));
      case 'a' -> append(last(1));
      case 'e' -> append(untilMark());
      case 's' -> put(last(2));
      case 'u' -> put(untilMark());
      case 'c' -> stack.add(function(line() + "." + line()));
      case 'Q' -> stack.add(storage(pop(List.class)));
      case 'R' -> call();
      case 'b' -> build();
      default -> throw new IllegalArgumentException("code " + (code > 32 && code < 127 ? "'" + (char) code + "'"
          : "0x" + Integer.toHexString(code)) + " is none that plain tensors need");
    }
    return true;
  }

  // ---- bytes --------------------------------------------------------------------------------------------------------

  private ByteBuffer take(int count) {
    if (count < 0 || count > in.remaining()) {
      throw new IllegalArgumentException("it wants " + Integer.toUnsignedString(count) + " bytes, there are "
          + in.remaining());
    }
    ByteBuffer taken = in.slice(in.position(), count).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + count);
    return taken;
  }

  private static void requireProtocol(int protocol) {
    if (protocol != 2) {
      throw new IllegalArgumentException("protocol " + protocol + " is not that of torch.save, which is 2");
    }
  }

  private static String text(ByteBuffer bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
  }

  private String line() throws CharacterCodingException {
    int length = 0;
    while (length < in.remaining() && in.get(in.position() + length) != '\n') {
      length++;
    }
    String line = text(take(length));
    take(1);
    return line;
  }

  private static long integer(ByteBuffer littleEndian) {
    byte[] bytes = new byte[littleEndian.remaining() + 1]; // a leading 0 for none
    for (int i = littleEndian.remaining(); i > 0; i--) {
      bytes[i] = littleEndian.get();
    }
    bytes[0] = (byte) (bytes.length > 1 && bytes[1] < 0 ? -1 : 0);
    try {
      return new BigInteger(bytes).longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("a number of " + (bytes.length - 1) + " bytes is too large", e);
    }
  }

  // ---- the stack ----------------------------------------------------------------------------------------------------

  private Object top() {
    return last(stack, 1, Object.class);
  }

  private static <T> T last(List<?> stack, int back, Class<T> kind) {
    Object found = stack.size() < back ? MARK : stack.get(stack.size() - back);
    if (found == MARK || !kind.isInstance(found)) {
      throw new IllegalArgumentException("it wants a " + kind.getSimpleName() + " and has " + (found == MARK ? "none"
          : "a " + found.getClass().getSimpleName()));
    }
    return kind.cast(found);
  }

  private <T> T pop(Class<T> kind) {
    T popped = last(stack, 1, kind);
    stack.removeLast();
    return popped;
  }

  private List<Object> last(int count) {
    return above(stack.size() - count, stack.size());
  }

  private List<Object> untilMark() {
    int mark = stack.lastIndexOf(MARK);
    List<Object> items = above(mark + 1, stack.size());
    if (mark < 0) {
      throw new IllegalArgumentException("it has no mark");
    }
    stack.removeLast();
    return items;
  }

  private List<Object> above(int from, int to) {
    if (from < 0 || stack.subList(from, to).contains(MARK)) {
      throw new IllegalArgumentException("it wants " + (to - from) + " objects and has fewer");
    }
    List<Object> items = new ArrayList<>(stack.subList(from, to));
    stack.subList(from, to).clear();
    return items;
  }

  private Object remembered(int index) {
    return Objects.requireNonNullElseGet(memo.get(index), () -> {
      throw new IllegalArgumentException("it has no object " + index);
    });
  }

  @SuppressWarnings("unchecked") // lists and maps of objects are all that there are
  private void append(List<Object> items) {
    last(stack, 1, ArrayList.class).addAll(items);
  }

  @SuppressWarnings("unchecked") // as above
  private void put(List<Object> items) {
    Map<Object, Object> map = last(stack, 1, LinkedHashMap.class);
    for (int i = 0; i + 1 < items.size(); i += 2) {
      if (!(items.get(i) instanceof String || items.get(i) instanceof Long)) {
        throw new IllegalArgumentException("a key of a dictionary is neither a text nor a number");
      }
      if (map.put(items.get(i), items.get(i + 1)) != null) {
        throw new IllegalArgumentException("a dictionary has two items " + items.get(i));
      }
    }
  }

  // ---- functions ----------------------------------------------------------------------------------------------------

  private static Function function(String name) {
    boolean storage = name.startsWith("torch.") && name.endsWith("Storage")
        && STORAGES.containsKey(name.substring(6, name.length() - 7));
    if (!storage && !ARGUMENTS.containsKey(name)) {
      throw new IllegalArgumentException(name + " is refused: only tensors, numbers, texts, lists and "
          + "dictionaries are read; save model.state_dict(), not the model");
    }
    return new Function(name);
  }

  private void call() {
    List<?> arguments = pop(List.class);
    String name = pop(Function.class).name;
    int count = ARGUMENTS.getOrDefault(name, 0);
    requireArguments(name, arguments.subList(0, Math.min(count == 6 ? 6 : arguments.size(), arguments.size())), count);
    stack.add(switch (name) {
      case ORDERED -> new LinkedHashMap<>();
      case SIZE -> last(arguments, 1, List.class);
      case PARAMETER -> last(arguments, 3, View.class);
      case TAGGED -> last(arguments, 2, Object.class);
      case TENSOR -> {
        int back = arguments.size(); // more than six, in later versions
        yield new View(last(arguments, back, Storage.class), last(arguments, back - 1, Long.class),
            numbers(last(arguments, back - 2, List.class)), numbers(last(arguments, back - 3, List.class)));
      }
      default -> throw new IllegalArgumentException(name + " is called, which is no function");
    });
  }

  private static void requireArguments(String name, List<?> arguments, int count) {
    if (arguments.size() != count) {
      throw new IllegalArgumentException(name + " is called with " + arguments.size() + " arguments, not " + count);
    }
  }

  private static List<Long> numbers(List<?> items) {
    List<Long> numbers = new ArrayList<>();
    for (int back = items.size(); back > 0; back--) {
      numbers.add(last(items, back, Long.class));
    }
    return numbers;
  }

  /// `('storage', torch.FloatStorage, '0', 'cpu', 12)`.
  private static Storage storage(List<?> id) {
    requireArguments("a storage", id, 5);
    String kind = last(id, 4, Function.class).name;
    if (!last(id, 5, String.class).equals("storage") || !kind.endsWith("Storage")) {
      throw new IllegalArgumentException("what it refers to is no storage: " + kind);
    }
    return new Storage(STORAGES.get(kind.substring(6, kind.length() - 7)), last(id, 3, String.class),
        last(id, 1, Long.class));
  }

  /// Attributes of an ordered dictionary are the versions of modules, and not needed.
  private void build() {
    pop(Object.class);
    last(stack, 1, LinkedHashMap.class);
  }
}
