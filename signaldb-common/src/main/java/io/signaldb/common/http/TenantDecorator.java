package io.signaldb.common.http;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AttributeKey;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.tenant.TenantContext;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Lets a request through to an HTTP or gRPC service once its tenant is known. */
public final class TenantDecorator implements DecoratingHttpServiceFunction {
  private static final AttributeKey<TenantContext> TENANT =
      AttributeKey.valueOf(TenantDecorator.class, "TENANT");

  private final Authenticator authenticator;
  private final Function<Throwable, HttpResponse> refusal;

  private TenantDecorator(Authenticator authenticator, Function<Throwable, HttpResponse> refusal) {
    this.authenticator = authenticator;
    this.refusal = refusal;
  }

  /** Answers requests it does not let through in text. */
  public static TenantDecorator ofHttp(Authenticator authenticator) {
    return new TenantDecorator(authenticator, HttpErrors::respond);
  }

  /** Answers calls it does not let through with a gRPC status. */
  public static TenantDecorator ofGrpc(Authenticator authenticator) {
    return new TenantDecorator(authenticator, GrpcErrors::respond);
  }

  /** Whose request it is; only within a decorated service. */
  public static TenantContext tenant(RequestContext context) {
    TenantContext tenant = context.attr(TENANT);
    if (tenant == null) {
      throw new IllegalStateException("the service of " + context + " is not authenticated");
    }
    return tenant;
  }

  @Override
  public HttpResponse serve(
      HttpService service, ServiceRequestContext context, HttpRequest request) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
                () -> authenticator.authenticate(HttpCredentials.of(request.headers())),
                context.blockingTaskExecutor())
            .handleAsync(
                (tenant, failure) -> {
                  if (failure != null) {
                    return refusal.apply(failure);
                  }
                  context.setAttr(TENANT, tenant);
                  try {
                    return service.serve(context, request);
                  } catch (Exception e) {
                    return HttpResponse.ofFailure(e);
                  }
                },
                context.eventLoop()));
  }
}
