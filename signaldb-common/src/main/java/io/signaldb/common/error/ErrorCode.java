package io.signaldb.common.error;

import io.grpc.Status;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightStatusCode;

/**
 * Why a request failed, with the status it has at each edge. This is the only mapping from errors
 * to HTTP, gRPC and Flight statuses.
 */
public enum ErrorCode {
  INVALID_ARGUMENT(400, Status.Code.INVALID_ARGUMENT, FlightStatusCode.INVALID_ARGUMENT),
  UNAUTHENTICATED(401, Status.Code.UNAUTHENTICATED, FlightStatusCode.UNAUTHENTICATED),
  PERMISSION_DENIED(403, Status.Code.PERMISSION_DENIED, FlightStatusCode.UNAUTHORIZED),
  NOT_FOUND(404, Status.Code.NOT_FOUND, FlightStatusCode.NOT_FOUND),
  ALREADY_EXISTS(409, Status.Code.ALREADY_EXISTS, FlightStatusCode.ALREADY_EXISTS),
  /** The request is larger than the configured limit; sending it again unchanged cannot succeed. */
  TOO_LARGE(413, Status.Code.RESOURCE_EXHAUSTED, FlightStatusCode.RESOURCE_EXHAUSTED),
  UNSUPPORTED_MEDIA_TYPE(415, Status.Code.INVALID_ARGUMENT, FlightStatusCode.INVALID_ARGUMENT),
  /** A queue, memory or concurrency bound is reached; the caller should retry later. */
  RESOURCE_EXHAUSTED(429, Status.Code.RESOURCE_EXHAUSTED, FlightStatusCode.RESOURCE_EXHAUSTED),
  CANCELLED(499, Status.Code.CANCELLED, FlightStatusCode.CANCELLED),
  INTERNAL(500, Status.Code.INTERNAL, FlightStatusCode.INTERNAL),
  UNIMPLEMENTED(501, Status.Code.UNIMPLEMENTED, FlightStatusCode.UNIMPLEMENTED),
  /** A peer, disk or catalog cannot be reached now; nothing was stored; the caller should retry. */
  UNAVAILABLE(503, Status.Code.UNAVAILABLE, FlightStatusCode.UNAVAILABLE),
  DEADLINE_EXCEEDED(504, Status.Code.DEADLINE_EXCEEDED, FlightStatusCode.TIMED_OUT);

  private final int httpStatus;
  private final Status.Code grpcCode;
  private final FlightStatusCode flightCode;

  ErrorCode(int httpStatus, Status.Code grpcCode, FlightStatusCode flightCode) {
    this.httpStatus = httpStatus;
    this.grpcCode = grpcCode;
    this.flightCode = flightCode;
  }

  /** HTTP status code. */
  public int httpStatus() {
    return httpStatus;
  }

  /** gRPC status code, also the {@code code} of a google.rpc.Status body. */
  public Status.Code grpcCode() {
    return grpcCode;
  }

  /** Flight status without a description. */
  public CallStatus flightStatus() {
    return new CallStatus(flightCode);
  }
}
