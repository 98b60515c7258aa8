-- Transactions that tell clients of waiting results, each written down before it is sent. Of one order several may stand here,
-- all with one nonce: each replaces the one before with higher fees, and at most one of them is ever mined.
CREATE TABLE ivxp_announcement (
    tx_hash    TEXT   PRIMARY KEY,                           -- lower case
    order_id   TEXT   NOT NULL REFERENCES ivxp_order (order_id),
    nonce      BIGINT NOT NULL,
    gas_limit  BIGINT NOT NULL,
    max_fee    BIGINT NOT NULL,                              -- wei per gas
    tip        BIGINT NOT NULL,                              -- wei per gas
    raw        TEXT   NOT NULL,                              -- what is sent
    made_at    BIGINT NOT NULL,
    mined_in   BIGINT                                        -- its block
);

CREATE INDEX ivxp_announcement_order ON ivxp_announcement (order_id, made_at);
