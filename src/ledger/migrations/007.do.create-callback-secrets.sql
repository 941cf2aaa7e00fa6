-- The secrets of the callback URLs that Archivist registered with the platform: one row a generation. Only hashes are kept, so
-- that nobody who reads the ledger can send notifications.
CREATE TABLE callback_secrets (
  -- Numbers of all tenants come from one sequence, which makes them unique without waiting for each other.
  generation integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL CHECK (tenant ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
  sha256 text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  -- What the platform calls the subscription; absent until its answer is known.
  subscription_id text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  registered_at timestamptz,
  -- Since when a newer one takes its place: it is to be deleted on the platform.
  superseded_at timestamptz,
  -- Since when it is deleted on the platform. What is in flight is still delivered, with this secret.
  unsubscribed_at timestamptz,
  -- Since when the gateway no longer takes the secret.
  retired_at timestamptz,
  CONSTRAINT registered_has_an_id CHECK ((subscription_id IS NULL) = (registered_at IS NULL)),
  CONSTRAINT superseded_was_registered CHECK (superseded_at IS NULL OR registered_at IS NOT NULL),
  CONSTRAINT unsubscribed_was_superseded CHECK (unsubscribed_at IS NULL OR superseded_at IS NOT NULL),
  CONSTRAINT retired_is_not_subscribed CHECK (
    retired_at IS NULL OR registered_at IS NULL OR unsubscribed_at IS NOT NULL
  )
);

CREATE INDEX callback_secrets_by_tenant ON callback_secrets (tenant, generation);
