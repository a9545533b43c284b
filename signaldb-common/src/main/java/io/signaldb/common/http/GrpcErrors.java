package io.signaldb.common.http;

import io.grpc.StatusRuntimeException;

/** {@link io.signaldb.common.error.SignalDbException} as a gRPC status. */
public final class GrpcErrors {
  private GrpcErrors() {}

  /** What to hand to a response observer; an uncoded failure is logged and becomes INTERNAL. */
  public static StatusRuntimeException toGrpc(Throwable failure) {
    throw new UnsupportedOperationException("not implemented yet");
  }
}
