package io.signaldb.common.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SchemaReferenceTest {
  private static final Path PAGE =
      Path.of(System.getProperty("signaldb.root"), "docs", "schemas.md");

  @Test
  void pageSaysWhatTheSchemasAre() throws IOException {
    String expected = SchemaReference.markdown(Schemas.load());
    if (System.getProperty("regenerate") != null) {
      Files.writeString(PAGE, expected);
    }

    assertThat(PAGE)
        .as("generated; write it with ./mvnw test -pl signaldb-common -Dregenerate")
        .content()
        .isEqualTo(expected);
  }
}
