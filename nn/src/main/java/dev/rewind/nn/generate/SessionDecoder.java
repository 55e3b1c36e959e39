package dev.rewind.nn.generate;

import dev.rewind.nn.rnn.State;
import java.util.Objects;

/// A decoder of a session. Sequences are selected from one session into another, and back with the next selection.
final class SessionDecoder<S extends State<S>> implements Decoder {
  private Session<S> current;
  private Session<S> idle; // null before the first selection

  SessionDecoder(Session<S> session) {
    this.current = session;
  }

  @Override
  public int rows() {
    return current.batch();
  }

  @Override
  public float[] step(int[] symbols) {
    return current.step(symbols);
  }

  @Override
  public void select(int[] rows) {
    for (int row : rows) {
      Objects.checkIndex(row, rows());
    }
    Session<S> next = current.selected(rows, idle);
    idle = current;
    current = next;
  }
}
