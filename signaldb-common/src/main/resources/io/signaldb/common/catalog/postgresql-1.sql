CREATE TABLE ingesters (
  id UUID PRIMARY KEY,
  address TEXT NOT NULL,
  last_seen TIMESTAMPTZ NOT NULL,
  service_type TEXT NOT NULL,
  capabilities TEXT NOT NULL,
  backlog BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  default_dataset TEXT,
  source TEXT NOT NULL CHECK (source IN ('config', 'database')),
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE api_keys (
  id UUID PRIMARY KEY,
  key_hash TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name TEXT,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ,
  revoked_at TIMESTAMPTZ,
  UNIQUE (tenant_id, name)
);

CREATE INDEX idx_api_keys_tenant ON api_keys (tenant_id);

CREATE TABLE datasets (
  id UUID PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  UNIQUE (tenant_id, name),
  UNIQUE (tenant_id, slug)
);
