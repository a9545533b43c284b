package io.signaldb.common.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/**
 * Files of this machine, for Iceberg: locations are {@code file:} followed by an absolute path,
 * taken as it is without percent-decoding, or a plain path. A written file and its directory are on
 * disk when its stream has been closed, so a commit that names the file survives a power loss.
 *
 * <p>Has a public constructor without arguments because Iceberg creates it by name.
 */
public final class LocalFileIO implements FileIO {
  private static final long serialVersionUID = 1L;

  /** Ready for use; {@code initialize} need not be called. */
  public LocalFileIO() {}

  /** The path a location means. */
  public static Path path(String location) {
    if (location.startsWith("file://")) {
      return Path.of(location.substring("file://".length()));
    }
    return Path.of(location.startsWith("file:") ? location.substring("file:".length()) : location);
  }

  /** The location of an absolute path. */
  public static String location(Path path) {
    return "file://" + path;
  }

  @Override
  public InputFile newInputFile(String location) {
    return new LocalInputFile(location, path(location));
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return new LocalOutputFile(location, path(location));
  }

  @Override
  public void deleteFile(String location) {
    try {
      Files.deleteIfExists(path(location));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete " + location, e);
    }
  }
}
