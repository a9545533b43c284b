package io.signaldb.common.iceberg;

import io.signaldb.common.config.StorageDsn;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/**
 * Opens a file with the store its location belongs to: that of a dataset that has its own, or the
 * standard one.
 */
final class StorageFileIO implements FileIO {
  private static final long serialVersionUID = 1L;

  private final FileIO standard;
  private final HashMap<String, FileIO> byPrefix = new HashMap<>();

  /**
   * @param standard the store of all other files
   * @param byPrefix stores of the files whose location begins so
   */
  StorageFileIO(StorageDsn standard, Map<String, StorageDsn> byPrefix) {
    this.standard = open(standard);
    byPrefix.forEach((prefix, dsn) -> this.byPrefix.put(prefix, open(dsn)));
  }

  /** Properties under which Iceberg opens the files of a store. */
  static Map<String, String> properties(StorageDsn dsn) {
    Map<String, String> properties = new HashMap<>();
    if (dsn instanceof StorageDsn.S3 bucket) {
      properties.put(CatalogProperties.FILE_IO_IMPL, "org.apache.iceberg.aws.s3.S3FileIO");
      properties.putAll(S3Properties.ofIceberg(bucket));
    } else {
      properties.put(CatalogProperties.FILE_IO_IMPL, LocalFileIO.class.getName());
    }
    return properties;
  }

  @Override
  public InputFile newInputFile(String location) {
    return store(location).newInputFile(location);
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return store(location).newOutputFile(location);
  }

  @Override
  public void deleteFile(String location) {
    store(location).deleteFile(location);
  }

  @Override
  public void close() {
    standard.close();
    byPrefix.values().forEach(FileIO::close);
  }

  private FileIO store(String location) {
    for (Map.Entry<String, FileIO> entry : byPrefix.entrySet()) {
      if (location.startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    return standard;
  }

  private static FileIO open(StorageDsn dsn) {
    Map<String, String> properties = properties(dsn);
    return CatalogUtil.loadFileIO(properties.get(CatalogProperties.FILE_IO_IMPL), properties, null);
  }
}
