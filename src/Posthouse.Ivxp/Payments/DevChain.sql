-- The development chain: every payment is a block of its own. The block before the first is not stored.
CREATE TABLE devchain_block (
    number       BIGINT PRIMARY KEY CHECK (number > 0),
    hash         TEXT   NOT NULL UNIQUE,
    parent_hash  TEXT   NOT NULL,
    sealed_at    BIGINT NOT NULL,              -- seconds since 1970, never less than the block before
    tx_hash      TEXT   NOT NULL UNIQUE,
    from_address TEXT   NOT NULL,
    to_address   TEXT   NOT NULL,
    units        BIGINT NOT NULL CHECK (units > 0)
);
