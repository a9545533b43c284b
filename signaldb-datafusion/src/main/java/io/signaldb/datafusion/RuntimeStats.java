package io.signaldb.datafusion;

/**
 * What the engine holds at one moment.
 *
 * @param memoryReservedBytes reserved by running queries and registered readers, of the limit in
 *     {@link RuntimeOptions#memoryBytes}
 * @param spilledBytes now in the spill directory
 * @param runningTasks asynchronous tasks that have not ended
 * @param cachedFooters Parquet footers held in memory
 * @param sessions sessions not yet closed, in the whole process as the next three
 * @param dataFrames queries not yet closed
 * @param memoryTables memory tables not yet closed
 * @param stagedBatches staged batches not yet closed
 */
public record RuntimeStats(
    long memoryReservedBytes,
    long spilledBytes,
    long runningTasks,
    long cachedFooters,
    long sessions,
    long dataFrames,
    long memoryTables,
    long stagedBatches) {}
