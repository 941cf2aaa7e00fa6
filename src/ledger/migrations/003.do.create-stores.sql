-- The identity that each store had when it was first used: an empty mount point in its place has another, or none.
CREATE TABLE stores (
  url text PRIMARY KEY,
  identity text NOT NULL,
  remembered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
