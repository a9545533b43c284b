package io.signaldb.writer;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/** Writes the rows of one table into data files, one or more per partition. */
interface DataFileWriter {
  /**
   * Writes the rows at the positions after {@code after} and up to {@code through} that are not
   * dead-lettered. The files are on disk at return and belong to no snapshot yet.
   *
   * @throws io.signaldb.datafusion.DataFusionException if they cannot be written; files may be left
   *     behind
   */
  List<DataFile> write(Table table, TableRows rows, long after, long through);
}
