package io.signaldb.common.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileIOTest {
  @TempDir Path directory;
  private final LocalFileIO io = new LocalFileIO();

  @Test
  void readsBackWhatWasWrittenInPiecesOfAnySize() throws IOException {
    byte[] written = new byte[300_000];
    new Random(1).nextBytes(written);
    OutputFile file = io.newOutputFile(location("a/b/data"));
    try (PositionOutputStream out = file.create()) {
      int offset = 0;
      for (int length : new int[] {1, 65_535, 65_536, 65_537, 7}) {
        out.write(written, offset, length);
        offset += length;
        assertThat(out.getPos()).isEqualTo(offset);
      }
      out.write(written[offset++]);
      out.write(written, offset, written.length - offset);
    }

    InputFile in = file.toInputFile();
    assertThat(in.location()).isEqualTo(location("a/b/data"));
    assertThat(in.getLength()).isEqualTo(written.length);
    try (SeekableInputStream stream = in.newStream()) {
      stream.seek(200_000);
      assertThat(stream.read()).isEqualTo(written[200_000] & 0xFF);
      assertThat(stream.getPos()).isEqualTo(200_001);
      stream.seek(0);
      assertThat(stream.readAllBytes()).isEqualTo(written);
      assertThat(stream.read()).isEqualTo(-1);
      assertThatThrownBy(() -> stream.seek(written.length + 1L))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("300001");
    }
  }

  @Test
  void createsAFileOnlyOnce() throws IOException {
    OutputFile file = io.newOutputFile(location("once"));
    file.create().close();

    assertThatThrownBy(file::create)
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining(location("once"));
  }

  @Test
  void overwritesWhenTheStreamIsClosedAndLeavesNothingBeside() throws IOException {
    Path path = directory.resolve("current");
    Files.writeString(path, "old");
    try (PositionOutputStream out = io.newOutputFile(location("current")).createOrOverwrite()) {
      out.write("new".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(path).hasContent("old");
    }

    assertThat(path).hasContent("new");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void takesLocationsAsTheyAreWithoutDecoding() throws IOException {
    for (String name : List.of("a b", "100%25", "x#y?z", "ü")) {
      io.newOutputFile(location(name)).create().close();

      assertThat(directory.resolve(name)).exists();
      assertThat(io.newInputFile(directory.resolve(name).toString()).exists()).isTrue();
    }
    assertThat(IcebergTables.url(location("a b"))).endsWith("/a%20b").startsWith("file:///");
  }

  @Test
  void saysWhichFileIsMissing() {
    InputFile missing = io.newInputFile(location("missing"));

    assertThat(missing.exists()).isFalse();
    assertThatThrownBy(missing::newStream)
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(location("missing"));
    assertThatThrownBy(missing::getLength).isInstanceOf(NotFoundException.class);
    io.deleteFile(location("missing"));
  }

  @Test
  void deletesFiles() throws IOException {
    io.newOutputFile(location("gone")).create().close();
    io.deleteFile(location("gone"));

    assertThat(directory.resolve("gone")).doesNotExist();
  }

  private String location(String name) {
    return LocalFileIO.location(directory.resolve(name));
  }

  @Test
  void readsIntoPartOfAnArray() throws IOException {
    OutputFile file = io.newOutputFile(location("part"));
    try (PositionOutputStream out = file.create()) {
      out.write(new byte[] {1, 2, 3});
    }
    byte[] target = new byte[5];
    try (SeekableInputStream stream = file.toInputFile().newStream()) {
      assertThat(stream.read(target, 1, 4)).isEqualTo(3);
    }
    assertThat(Arrays.toString(target)).isEqualTo("[0, 1, 2, 3, 0]");
  }
}
