package io.signaldb.common;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  /** A package imports only those named before it. */
  private static final List<String> ORDER =
      List.of(
          "error",
          "lifecycle",
          "telemetry",
          "tenant",
          "schema",
          "scan",
          "config",
          "catalog",
          "storage",
          "auth",
          "discovery",
          "wal",
          "iceberg",
          "engine",
          "flight",
          "http",
          "service");

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.signaldb.common");
  }

  @Test
  void importsPointLeft() {
    for (int i = 0; i < ORDER.size(); i++) {
      String[] later =
          ORDER.subList(i + 1, ORDER.size()).stream()
              .map(name -> "io.signaldb.common." + name + "..")
              .toArray(String[]::new);
      if (later.length > 0) {
        noClasses()
            .that()
            .resideInAPackage("io.signaldb.common." + ORDER.get(i) + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(later)
            .check(classes);
      }
    }
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    noClasses()
        .should()
        .resideOutsideOfPackages(
            ORDER.stream().map(name -> "io.signaldb.common." + name).toArray(String[]::new))
        .check(classes);
  }

  @Test
  void noPackageIsADumpingGround() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..impl..", "..helper..", "..dto..", "..model..")
        .check(classes);
  }

  @Test
  void httpAndFlightStatusesStayInTheErrorTable() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.signaldb.common.error", "io.signaldb.common.http", "io.signaldb.common.flight")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.grpc.Status")
        .check(classes);
  }
}
