package io.signaldb.router.tempo;

import com.google.protobuf.Message;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.error.Failures;
import io.signaldb.common.http.GrpcErrors;
import io.signaldb.common.http.TenantDecorator;
import io.signaldb.common.tenant.TenantContext;
import io.signaldb.router.tempo.proto.QueryInstantRequest;
import io.signaldb.router.tempo.proto.QueryInstantResponse;
import io.signaldb.router.tempo.proto.QueryRangeRequest;
import io.signaldb.router.tempo.proto.QueryRangeResponse;
import io.signaldb.router.tempo.proto.SearchRequest;
import io.signaldb.router.tempo.proto.SearchResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesRequest;
import io.signaldb.router.tempo.proto.SearchTagValuesResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesV2Response;
import io.signaldb.router.tempo.proto.SearchTagsRequest;
import io.signaldb.router.tempo.proto.SearchTagsResponse;
import io.signaldb.router.tempo.proto.SearchTagsV2Response;
import io.signaldb.router.tempo.proto.StreamingQuerierGrpc;
import java.util.function.Consumer;

/**
 * Tempo's gRPC API, which Grafana uses when streaming is on: the questions of {@link TempoQueries},
 * answered in parts as they are known. A client that cancels its call cancels its query. Safe for
 * use by many threads.
 */
public final class StreamingQuerier extends StreamingQuerierGrpc.StreamingQuerierImplBase {
  /** A TraceQL query of the greatest length and more. */
  private static final int MAX_REQUEST_BYTES = 1 << 20;

  private final TenantDecorator authentication;
  private final TempoQueries queries;

  public StreamingQuerier(Authenticator authenticator, TempoQueries queries) {
    this.authentication = TenantDecorator.ofGrpc(authenticator);
    this.queries = queries;
  }

  /** Adds the service to a server. */
  public void addTo(ServerBuilder server) {
    GrpcService service =
        GrpcService.builder().addService(this).maxRequestMessageLength(MAX_REQUEST_BYTES).build();
    // The bound on a message is told as a status; the one on a request would be told in HTTP.
    service
        .routes()
        .forEach(
            route ->
                server
                    .route()
                    .addRoute(route)
                    .maxRequestLength(0)
                    .decorator(authentication)
                    .build(service));
  }

  @Override
  public void search(SearchRequest request, StreamObserver<SearchResponse> observer) {
    answer(observer, (tenant, parts) -> queries.search(tenant, GrpcParameters.of(request), parts));
  }

  @Override
  public void searchTags(SearchTagsRequest request, StreamObserver<SearchTagsResponse> observer) {
    answerOnce(observer, tenant -> queries.tagsV1(tenant, GrpcParameters.of(request)));
  }

  @Override
  public void searchTagsV2(
      SearchTagsRequest request, StreamObserver<SearchTagsV2Response> observer) {
    answerOnce(observer, tenant -> queries.tagsV2(tenant, GrpcParameters.of(request)));
  }

  @Override
  public void searchTagValues(
      SearchTagValuesRequest request, StreamObserver<SearchTagValuesResponse> observer) {
    answerOnce(
        observer,
        tenant -> queries.tagValuesV1(tenant, request.getTagName(), GrpcParameters.of(request)));
  }

  @Override
  public void searchTagValuesV2(
      SearchTagValuesRequest request, StreamObserver<SearchTagValuesV2Response> observer) {
    answerOnce(
        observer,
        tenant -> queries.tagValuesV2(tenant, request.getTagName(), GrpcParameters.of(request)));
  }

  @Override
  public void metricsQueryRange(
      QueryRangeRequest request, StreamObserver<QueryRangeResponse> observer) {
    answer(
        observer, (tenant, parts) -> queries.queryRange(tenant, GrpcParameters.of(request), parts));
  }

  @Override
  public void metricsQueryInstant(
      QueryInstantRequest request, StreamObserver<QueryInstantResponse> observer) {
    answer(
        observer,
        (tenant, parts) -> queries.queryInstant(tenant, GrpcParameters.of(request), parts));
  }

  @FunctionalInterface
  private interface Question<M> {
    void ask(TenantContext tenant, Consumer<M> parts);
  }

  @FunctionalInterface
  private interface WholeAnswer<M extends Message> {
    TempoQueries.Reply<M> ask(TenantContext tenant);
  }

  private static <M extends Message> void answerOnce(
      StreamObserver<M> observer, WholeAnswer<M> question) {
    answer(observer, (tenant, parts) -> parts.accept(question.ask(tenant).message()));
  }

  private static <M> void answer(StreamObserver<M> observer, Question<M> question) {
    ServiceRequestContext call = ServiceRequestContext.current();
    var flow = new GrpcFlow<>(observer);
    Context.CancellableContext query = Context.ROOT.withCancellation();
    var unused = call.whenRequestCancelling().thenAccept(query::cancel);
    flow.onCancel(() -> query.cancel(Status.CANCELLED.asRuntimeException()));
    // Not on this thread, which tells the flow that the client is ready or gone.
    call.blockingTaskExecutor()
        .execute(
            () -> {
              try {
                query.run(() -> question.ask(TenantDecorator.tenant(call), flow::send));
                observer.onCompleted();
              } catch (RuntimeException e) {
                observer.onError(status(e));
              } finally {
                query.cancel(null);
              }
            });
  }

  private static StatusRuntimeException status(RuntimeException failure) {
    return StatusProto.toStatusRuntimeException(GrpcErrors.toStatus(Failures.coded(failure)));
  }
}
