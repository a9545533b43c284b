package io.signaldb.datafusion;

import java.io.IOException;
import org.apache.arrow.c.ArrowArray;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.CDataDictionaryProvider;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;

/** Pulls the batches of a running query over the Arrow C Data Interface. */
final class QueryReader extends ArrowReader {
  private final long query;
  private final Schema schema;
  private final CDataDictionaryProvider provider;
  private long bytesRead;

  private QueryReader(
      long query, BufferAllocator allocator, Schema schema, CDataDictionaryProvider provider) {
    super(allocator);
    this.query = query;
    this.schema = schema;
    this.provider = provider;
  }

  static QueryReader open(long query, BufferAllocator allocator) {
    try (ArrowSchema exported = ArrowSchema.allocateNew(allocator)) {
      Native.executeQuery(query, exported.memoryAddress());
      CDataDictionaryProvider provider = new CDataDictionaryProvider();
      Schema schema = Data.importSchema(allocator, exported, provider);
      return new QueryReader(query, allocator, schema, provider);
    }
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    prepareLoadNextBatch();
    try (ArrowArray array = ArrowArray.allocateNew(allocator)) {
      if (!Native.nextBatch(query, array.memoryAddress())) {
        return false;
      }
      Data.importIntoVectorSchemaRoot(allocator, array, getVectorSchemaRoot(), provider);
      getVectorSchemaRoot().getFieldVectors().forEach(v -> bytesRead += v.getBufferSize());
      return true;
    }
  }

  @Override
  public long bytesRead() {
    return bytesRead;
  }

  @Override
  protected void closeReadSource() {
    provider.close();
    Native.cancelQuery(query);
  }

  @Override
  protected Schema readSchema() {
    return schema;
  }
}
