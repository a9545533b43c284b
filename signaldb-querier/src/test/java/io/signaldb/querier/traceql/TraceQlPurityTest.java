package io.signaldb.querier.traceql;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.signaldb.querier.traceql",
    importOptions = ImportOption.DoNotIncludeTests.class)
class TraceQlPurityTest {
  @ArchTest
  static final ArchRule LANGUAGE_KNOWS_NO_SERVICE =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.signaldb.querier.traceql",
              "java..",
              "com.google.re2j",
              "org.jspecify.annotations");
}
