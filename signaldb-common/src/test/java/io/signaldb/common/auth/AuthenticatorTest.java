package io.signaldb.common.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.ManualClock;
import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.catalog.TestDatabases;
import io.signaldb.common.catalog.TestTenants;
import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.TenantContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {
  private static final String TENANTS =
      """
      [{id = 'acme', slug = 'acme-s', name = 'Acme', default_dataset = 'production',
        datasets = [{id = 'production', slug = 'prod'}, {id = 'archive', slug = 'arch'}],
        api_keys = [{key = 'sk-acme'}]},
       {id = 'beta', slug = 'beta', name = 'Beta',
        datasets = [{id = 'one', slug = 'one'}, {id = 'two', slug = 'two', is_default = true}],
        api_keys = [{key = 'sk-beta'}]},
       {id = 'bare', slug = 'bare', name = 'No default',
        datasets = [{id = 'one', slug = 'one'}], api_keys = [{key = 'sk-bare'}]}]""";

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock(Instant.parse("2026-11-23T00:00:00Z"));
  private ServiceCatalog catalog;
  private TestTenants rows;
  private Authenticator authenticator;

  @BeforeEach
  void start() {
    catalog = new ServiceCatalog(TestDatabases.sqlite(directory), 1);
    catalog.start();
    rows = new TestTenants(catalog);
    authenticator = authenticator(Map.of("auth.enabled", "true", "auth.tenants", TENANTS));
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private Authenticator authenticator(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("auth.internal_service_key", "sk-services");
    return new Authenticator(
        new ConfigLoader(Map.of(), Map.of()).load(null, all).config().auth(), catalog, clock);
  }

  @Test
  void resolvesTenantAndDatasetFromTheKeyAlone() {
    assertThat(authenticate("Bearer sk-acme", null, null))
        .isEqualTo(new TenantContext("acme", "production", "acme-s", "prod"));
    assertThat(authenticate("Bearer sk-beta", null, null))
        .isEqualTo(new TenantContext("beta", "two", "beta", "two"));
  }

  @Test
  void honoursTheTenantAndDatasetNamed() {
    assertThat(authenticate("Bearer sk-acme", " acme ", "archive"))
        .isEqualTo(new TenantContext("acme", "archive", "acme-s", "arch"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer sk-acme", "bearer sk-acme", " BEARER   sk-acme "})
  void readsTheSchemeInAnyCase(String header) {
    assertThat(authenticate(header, null, null).tenantId()).isEqualTo("acme");
  }

  @Test
  void answersMissingAndUnknownKeysWithUnauthenticated() {
    refused(
        () -> authenticate(null, "acme", null),
        ErrorCode.UNAUTHENTICATED,
        "Credentials are missing; expected Authorization: Bearer <key>");
    refused(
        () -> authenticate("Bearer sk-nobody", "acme", null),
        ErrorCode.UNAUTHENTICATED,
        "The API key is unknown, revoked or expired");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic c2s=", "Bearer", "Bearer  ", "sk-acme"})
  void answersAMalformedHeaderWithInvalidArgument(String header) {
    refused(
        () -> authenticate(header, null, null),
        ErrorCode.INVALID_ARGUMENT,
        "Malformed Authorization header; expected Authorization: Bearer <key>");
  }

  @Test
  void refusesAnotherTenantsNameWhetherItExistsOrNot() {
    refused(
        () -> authenticate("Bearer sk-acme", "beta", null),
        ErrorCode.PERMISSION_DENIED,
        "API key does not belong to tenant 'beta'");
    refused(
        () -> authenticate("Bearer sk-acme", "nobody", null),
        ErrorCode.PERMISSION_DENIED,
        "API key does not belong to tenant 'nobody'");
  }

  @Test
  void refusesADatasetTheTenantDoesNotHave() {
    refused(
        () -> authenticate("Bearer sk-acme", null, "two"),
        ErrorCode.PERMISSION_DENIED,
        "Tenant 'acme' has no dataset 'two'");
  }

  @Test
  void asksForADatasetWhereThereIsNoDefault() {
    refused(
        () -> authenticate("Bearer sk-bare", null, null),
        ErrorCode.INVALID_ARGUMENT,
        "X-Dataset-ID header required: tenant 'bare' has no default dataset");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/b", "a b", "a\u0000b", "ä"})
  void refusesNamesThatCouldLeaveTheirDirectory(String name) {
    refused(
        () -> authenticate("Bearer sk-acme", name, null),
        ErrorCode.INVALID_ARGUMENT,
        "Invalid tenant id '" + name.replace('\u0000', '?') + "': expected 1 to 64 of");
    refused(
        () -> authenticate("Bearer sk-acme", null, name),
        ErrorCode.INVALID_ARGUMENT,
        "Invalid dataset id '");
    refused(
        () -> authenticator(Map.of()).authenticate(new Credentials(null, name, null)),
        ErrorCode.INVALID_ARGUMENT,
        "Invalid tenant id '");
  }

  @Test
  void withoutAuthEveryoneIsTheDefaultTenantAndNobodyElse() {
    Authenticator open = authenticator(Map.of());
    TenantContext standard = new TenantContext("default", "default", "default", "default");
    assertThat(open.authenticate(new Credentials(null, null, null))).isEqualTo(standard);
    assertThat(open.authenticate(new Credentials("Bearer x", "default", "default")))
        .isEqualTo(standard);
    refused(
        () -> open.authenticate(new Credentials(null, "acme", null)),
        ErrorCode.PERMISSION_DENIED,
        "Tenant 'acme' cannot be used while auth is disabled; expected 'default' or no header");
    refused(
        () -> open.authenticate(new Credentials(null, null, "prod")),
        ErrorCode.PERMISSION_DENIED,
        "Dataset 'prod' cannot be used while auth is disabled");
  }

  @Test
  void knowsKeysOfTheDatabase() {
    rows.tenant("gamma", "gamma-s", "main");
    rows.dataset("gamma", "main", "m");
    rows.key("gamma", "sk-gamma", null);
    assertThat(authenticate("Bearer sk-gamma", "gamma", null))
        .isEqualTo(new TenantContext("gamma", "main", "gamma-s", "m"));
  }

  @Test
  void aRevokedKeyIsRefusedWithinTheCacheTtl() {
    rows.tenant("gamma", "gamma", "main");
    rows.dataset("gamma", "main", "main");
    rows.key("gamma", "sk-gamma", null);
    authenticate("Bearer sk-gamma", null, null);
    rows.revoke("sk-gamma");
    clock.advance(Duration.ofSeconds(4));
    authenticate("Bearer sk-gamma", null, null);
    clock.advance(Duration.ofSeconds(1));
    refused(
        () -> authenticate("Bearer sk-gamma", null, null),
        ErrorCode.UNAUTHENTICATED,
        "The API key is unknown, revoked or expired");
  }

  @Test
  void anExpiredKeyIsRefusedAtOnce() {
    rows.tenant("gamma", "gamma", "main");
    rows.dataset("gamma", "main", "main");
    rows.key("gamma", "sk-gamma", clock.instant().plusSeconds(2));
    authenticate("Bearer sk-gamma", null, null);
    clock.advance(Duration.ofSeconds(2));
    refused(
        () -> authenticate("Bearer sk-gamma", null, null),
        ErrorCode.UNAUTHENTICATED,
        "The API key is unknown, revoked or expired");
  }

  @Test
  void aTenantOfTheDatabaseNeverGetsIntoTheDataOfOneInTheConfiguration() {
    rows.tenant("thief", "acme-s", "production");
    rows.dataset("thief", "production", "prod");
    rows.key("thief", "sk-thief", null);
    refused(
        () -> authenticate("Bearer sk-thief", null, null),
        ErrorCode.PERMISSION_DENIED,
        "Tenant 'thief' cannot be used: its slug 'acme-s' is that of tenant 'acme'");
  }

  @Test
  void aDatabaseKeyOfAConfiguredTenantMeansTheConfiguredTenant() {
    rows.tenant("acme", "elsewhere", null);
    rows.key("acme", "sk-more", null);
    assertThat(authenticate("Bearer sk-more", null, null))
        .isEqualTo(new TenantContext("acme", "production", "acme-s", "prod"));
  }

  @Test
  void saysUnavailableWhenTheDatabaseCannotBeAsked() {
    catalog.close();
    authenticate("Bearer sk-acme", null, null);
    refused(
        () -> authenticate("Bearer sk-gamma", null, null),
        ErrorCode.UNAVAILABLE,
        "The service catalog failed");
  }

  @Test
  void trustsOtherServicesWithEveryTenantButOnlyOnFlight() {
    Caller service =
        authenticator.authenticateCaller(new Credentials("Bearer sk-services", null, null));
    service.requireAccess("acme-s", "prod");
    refused(
        service::tenant, ErrorCode.INVALID_ARGUMENT, "The internal service key names no tenant");
    refused(
        () -> authenticate("Bearer sk-services", null, null),
        ErrorCode.UNAUTHENTICATED,
        "The API key is unknown");
  }

  @Test
  void aTenantsCallerReachesItsOwnDatasetOnly() {
    Caller acme = authenticator.authenticateCaller(new Credentials("Bearer sk-acme", null, null));
    acme.requireAccess("acme-s", "prod");
    acme.requireAccess(new TenantContext("acme", "production", "acme-s", "prod"));
    refused(
        () -> acme.requireAccess("acme-s", "arch"),
        ErrorCode.PERMISSION_DENIED,
        "Dataset 'arch' of tenant 'acme-s' is not the caller's");
    refused(
        () -> acme.requireAccess("beta", "prod"), ErrorCode.PERMISSION_DENIED, "not the caller's");
    refused(
        () -> acme.requireAccess(new TenantContext("beta", "production", "acme-s", "prod")),
        ErrorCode.PERMISSION_DENIED,
        "not the caller's");
  }

  @Test
  void onlyServicesAndCallersWithoutKeysAreOperators() {
    Credentials service = new Credentials("Bearer sk-services", null, null);
    authenticator.authenticateCaller(service).requireOperator("the action 'flush'");
    Caller acme = authenticator.authenticateCaller(new Credentials("Bearer sk-acme", null, null));
    refused(
        () -> acme.requireOperator("the action 'flush'"),
        ErrorCode.PERMISSION_DENIED,
        "A tenant's key does not allow the action 'flush': expected the internal service key");
    Caller anyone =
        authenticator(Map.of("auth.enabled", "false"))
            .authenticateCaller(new Credentials(null, null, null));
    anyone.requireOperator("the action 'flush'");
    anyone.requireAccess("default", "default");
    refused(
        () -> anyone.requireAccess("acme-s", "arch"),
        ErrorCode.PERMISSION_DENIED,
        "not the caller's");
  }

  @Test
  void makesAServiceKeyOfItsOwnWhenNoneIsConfigured() {
    Map<String, String> settings = Map.of("auth.enabled", "true");
    var config = new ConfigLoader(Map.of(), Map.of()).load(null, settings).config().auth();
    Authenticator mine = new Authenticator(config, catalog, clock);
    Authenticator others = new Authenticator(config, catalog, clock);
    Credentials credentials = new Credentials("Bearer " + mine.serviceKey(), null, null);
    mine.authenticateCaller(credentials).requireAccess("any", "any");
    refused(() -> others.authenticateCaller(credentials), ErrorCode.UNAUTHENTICATED, "unknown");
    assertThat(authenticator(Map.of()).serviceKey()).isNull();
  }

  @Test
  void aTenantsCallerMayNameAllDatasetsOfTheTenant() {
    Caller acme = authenticator.authenticateCaller(new Credentials("Bearer sk-acme", null, null));
    assertThat(acme.datasetSlugs()).containsExactly("arch", "prod");
    refused(
        () -> Caller.service().datasetSlugs(),
        ErrorCode.INVALID_ARGUMENT,
        "The internal service key names no tenant");
  }

  @Test
  void credentialsNeverShowTheKey() {
    assertThat(new Credentials("Bearer sk-acme", "acme", null).toString())
        .doesNotContain("sk-acme")
        .contains("acme");
  }

  private TenantContext authenticate(String authorization, String tenant, String dataset) {
    return authenticator.authenticate(new Credentials(authorization, tenant, dataset));
  }

  private static void refused(ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SignalDbException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void takesTheTenantFromTempoClients() {
    Map<String, String> headers = Map.of("x-scope-orgid", " acme ", "authorization", "Bearer k");
    assertThat(Credentials.of(headers::get)).isEqualTo(new Credentials("Bearer k", "acme", null));
    Map<String, String> both = Map.of("x-scope-orgid", "acme", "x-tenant-id", "acme");
    assertThat(Credentials.of(both::get)).isEqualTo(new Credentials(null, "acme", null));
  }

  @Test
  void refusesTwoTenants() {
    Map<String, String> headers = Map.of("x-scope-orgid", "acme", "x-tenant-id", "other");
    assertThatThrownBy(() -> Credentials.of(headers::get))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage(
            "X-Tenant-ID is 'other' but X-Scope-OrgID is 'acme'; expected one of them, or the same"
                + " tenant");
  }
}
