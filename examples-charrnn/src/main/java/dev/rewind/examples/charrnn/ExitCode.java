package dev.rewind.examples.charrnn;

/// What the program ends with.
public final class ExitCode {
  /// All went well.
  public static final int OK = 0;
  /// A defect of the program.
  public static final int UNEXPECTED = 1;
  /// Something that the user can mend.
  public static final int USER = 2;
  /// A training that diverged: the command line was right, the run failed.
  public static final int DIVERGED = 3;

  private ExitCode() {}
}
