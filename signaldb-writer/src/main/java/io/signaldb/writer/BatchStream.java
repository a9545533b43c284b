package io.signaldb.writer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.auth.Caller;
import io.signaldb.common.error.Failures;
import io.signaldb.common.flight.BatchId;
import io.signaldb.common.flight.BatchReply;
import io.signaldb.common.flight.WriteBatch;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.flight.FlightProducer.StreamListener;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One long-lived {@code do_put}: encoded batches in, one reply for each, in any order. A batch that
 * is refused leaves the others alone; one without a readable header ends the stream, because there
 * is no id to answer it by.
 */
final class BatchStream {
  private static final Logger LOG = LoggerFactory.getLogger(BatchStream.class);

  private final BatchIntake intake;
  private final Caller caller;
  private final BufferAllocator allocator;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final StreamListener<PutResult> replies;

  @GuardedBy("lock")
  private int unanswered;

  @GuardedBy("lock")
  private boolean gone;

  BatchStream(
      BatchIntake intake,
      Caller caller,
      BufferAllocator allocator,
      StreamListener<PutResult> replies) {
    this.intake = intake;
    this.caller = caller;
    this.allocator = allocator;
    this.replies = replies;
  }

  /** Takes batches until the client is done, then waits for the last reply. */
  void run(FlightStream stream) throws InterruptedException {
    while (stream.next()) {
      ArrowBuf message = stream.getLatestMetadata();
      if (message != null) {
        take(message);
      }
    }
    synchronized (lock) {
      while (unanswered > 0) {
        lock.wait();
      }
      if (!gone) {
        replies.onCompleted();
      }
    }
  }

  private void take(ArrowBuf message) {
    ByteBuffer encoded = message.nioBuffer(0, (int) message.readableBytes());
    WriteBatch batch = WriteBatch.decode(encoded);
    synchronized (lock) {
      unanswered++;
    }
    // The stream lets go of the message at the next one; the log still reads it.
    message.getReferenceManager().retain();
    CompletableFuture<Void> unused =
        intake
            .submit(caller, batch, encoded)
            .whenComplete(
                (stored, failure) -> {
                  message.getReferenceManager().release();
                  answer(batch.header().batchId(), failure);
                });
  }

  private void answer(BatchId id, @Nullable Throwable failure) {
    BatchReply reply =
        failure == null ? BatchReply.ok(id) : BatchReply.failed(id, Failures.coded(failure));
    byte[] bytes = reply.toBytes();
    synchronized (lock) {
      unanswered--;
      lock.notifyAll();
      if (gone) {
        return;
      }
      ArrowBuf metadata = allocator.buffer(bytes.length);
      metadata.writeBytes(bytes);
      try (PutResult result = PutResult.metadata(metadata)) {
        replies.onNext(result);
      } catch (RuntimeException e) {
        gone = true;
        LOG.debug("A client left before the reply to batch {}", id, e);
      }
    }
  }
}
