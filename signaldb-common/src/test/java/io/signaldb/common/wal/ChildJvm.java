package io.signaldb.common.wal;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM with this one's class path that runs one main class; its errors go to our stderr. */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  static ChildJvm start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  long pid() {
    return process.pid();
  }

  /** The next line of its output; null at the end. */
  String readLine() throws IOException {
    return output.readLine();
  }

  /** Ends it without warning, as {@code kill -9}, and waits until it is gone. */
  void kill() {
    process.toHandle().destroyForcibly(); // of the process itself would close its output
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
