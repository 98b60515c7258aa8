-- The newest price of each provider for each asset. A version is 36 bytes whose order is the order of versions, so that
-- "newer" is one comparison and no writer can take a row back.
CREATE TABLE price_latest (
  asset       TEXT    NOT NULL,
  chain       TEXT    NOT NULL,
  provider    BLOB    NOT NULL CHECK (length(provider) = 16),
  price       TEXT    NOT NULL,
  observed_at INTEGER NOT NULL,
  issued_at   INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  seq         TEXT    NOT NULL,
  version     BLOB    NOT NULL CHECK (length(version) = 36),
  update_id   BLOB    NOT NULL,
  PRIMARY KEY (asset, chain, provider)
) WITHOUT ROWID;

CREATE INDEX price_latest_update ON price_latest (update_id);

-- The signed messages that the rows above stand in, each once: one holds up to 512 prices.
CREATE TABLE price_update (
  id     BLOB NOT NULL UNIQUE,
  signed BLOB NOT NULL
);

-- Who was ever heard as a provider, and how well it served.
CREATE TABLE provider (
  id         BLOB    NOT NULL PRIMARY KEY,
  first_seen INTEGER NOT NULL,
  last_alive INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  seq        TEXT    NOT NULL,
  counts     TEXT    NOT NULL
) WITHOUT ROWID;

-- Where peers were reached.
CREATE TABLE peer_address (
  address   TEXT    NOT NULL PRIMARY KEY,
  node      BLOB,
  last_seen INTEGER NOT NULL,
  failures  INTEGER NOT NULL
) WITHOUT ROWID;

-- Single facts: since when no provider is alive, the day's budget of fetches.
CREATE TABLE node_state (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- The last hour of each asset as it was served: a ring, for a point's place follows from its time.
CREATE TABLE price_history (
  asset TEXT    NOT NULL,
  chain TEXT    NOT NULL,
  place INTEGER NOT NULL,
  at    INTEGER NOT NULL,
  price TEXT    NOT NULL,
  PRIMARY KEY (asset, chain, place)
) WITHOUT ROWID;
