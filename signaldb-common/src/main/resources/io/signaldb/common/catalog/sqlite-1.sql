CREATE TABLE ingesters (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  service_type TEXT NOT NULL,
  capabilities TEXT NOT NULL,
  backlog INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  default_dataset TEXT,
  source TEXT NOT NULL CHECK (source IN ('config', 'database')),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  key_hash TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name TEXT,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT,
  UNIQUE (tenant_id, name)
);

CREATE INDEX idx_api_keys_tenant ON api_keys (tenant_id);

CREATE TABLE datasets (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (tenant_id, name),
  UNIQUE (tenant_id, slug)
);
