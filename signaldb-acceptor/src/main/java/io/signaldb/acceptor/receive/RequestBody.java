package io.signaldb.acceptor.receive;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.stream.SubscriptionOption;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Collects the body of a request within its bounds. A body that breaks them, or is not wanted, is
 * read to its end and thrown away, since many clients look for an answer only after they have sent
 * everything. Runs on the event loop of the request.
 */
final class RequestBody implements Subscriber<HttpObject> {
  /** Beyond this the connection is cut instead. */
  private static final long MAX_DISCARDED_BYTES = 1L << 30;

  private static final int INITIAL_BYTES = 16 * 1024;

  private final long maxBytes;
  private final int framingBytes;
  private final InflightBytes.Reservation held;
  private final CompletableFuture<ByteBuf> whole = new CompletableFuture<>();
  private final ByteBuf content;
  private long received;
  private @Nullable Subscription subscription;
  private @Nullable SignalDbException refusal;

  private RequestBody(
      ByteBufAllocator allocator,
      long maxBytes,
      int framingBytes,
      InflightBytes.Reservation held,
      @Nullable SignalDbException refusal) {
    this.maxBytes = maxBytes;
    this.framingBytes = framingBytes;
    this.held = held;
    this.content = allocator.buffer(refusal == null ? INITIAL_BYTES : 0);
    this.refusal = refusal;
  }

  /**
   * Reads the body of a request nothing else reads.
   *
   * @param maxBytes of the message in the body
   * @param framingBytes what the protocol puts around the message
   * @param held takes the memory of the body
   * @return the body, the caller's to release; or TOO_LARGE, RESOURCE_EXHAUSTED by {@code held}, or
   *     CANCELLED if the client goes away
   */
  static CompletableFuture<ByteBuf> read(
      ServiceRequestContext context,
      HttpRequest request,
      long maxBytes,
      int framingBytes,
      InflightBytes.Reservation held) {
    boolean tooLarge = request.headers().contentLength() > maxBytes + framingBytes;
    SignalDbException refusal = tooLarge ? Compression.tooLarge(maxBytes) : null;
    return subscribe(
        context, request, new RequestBody(context.alloc(), maxBytes, framingBytes, held, refusal));
  }

  /** Reads and throws away a body; completes with {@code refusal} when the client is done. */
  static <T> CompletableFuture<T> discard(
      ServiceRequestContext context, HttpRequest request, SignalDbException refusal) {
    InflightBytes.Reservation nothing = new InflightBytes(0).open();
    RequestBody body = new RequestBody(context.alloc(), 0, 0, nothing, refusal);
    return subscribe(context, request, body)
        .thenCompose(never -> CompletableFuture.failedFuture(refusal));
  }

  private static CompletableFuture<ByteBuf> subscribe(
      ServiceRequestContext context, HttpRequest request, RequestBody body) {
    request.subscribe(body, context.eventLoop(), SubscriptionOption.WITH_POOLED_OBJECTS);
    return body.whole;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(HttpObject part) {
    if (part instanceof HttpData data) {
      try (data) {
        take(data);
      }
    }
  }

  @Override
  public void onComplete() {
    if (refusal == null) {
      whole.complete(content);
    } else {
      fail(refusal);
    }
  }

  @Override
  public void onError(Throwable failure) {
    fail(
        refusal != null
            ? refusal
            : new SignalDbException(
                ErrorCode.CANCELLED,
                "The request ended after %d bytes of its body: %s".formatted(received, failure),
                failure));
  }

  private void take(HttpData data) {
    received += data.length();
    if (refusal == null) {
      try {
        if (received > maxBytes + framingBytes) {
          throw Compression.tooLarge(maxBytes);
        }
        held.add(data.length());
        content.writeBytes(data.byteBuf());
      } catch (SignalDbException e) {
        refusal = e;
        content.capacity(0);
      }
    } else if (received > MAX_DISCARDED_BYTES && subscription != null) {
      subscription.cancel();
      fail(refusal);
    }
  }

  private void fail(SignalDbException failure) {
    if (whole.completeExceptionally(failure)) {
      content.release();
    }
  }
}
