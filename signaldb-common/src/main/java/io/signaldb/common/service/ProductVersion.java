package io.signaldb.common.service;

/** The version of SignalDB that runs: {@code 1.2.3+<git revision>}. */
public final class ProductVersion {
  /** What the manifest holds when it was built outside of a git checkout. */
  private static final String UNRESOLVED_REVISION = "+$";

  private ProductVersion() {}

  /** The version in the manifest; {@code development} for classes outside of a jar. */
  public static String current() {
    String version = ProductVersion.class.getPackage().getImplementationVersion();
    if (version == null) {
      return "development";
    }
    int unresolved = version.indexOf(UNRESOLVED_REVISION);
    return unresolved < 0 ? version : version.substring(0, unresolved);
  }
}
