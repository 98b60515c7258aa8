-- What this person bought, and how far each purchase is. A provider's order ids are unique to it alone.
CREATE TABLE ivxp_purchase (
    provider        TEXT   NOT NULL,                 -- its account, from the quote
    order_id        TEXT   NOT NULL,
    url             TEXT   NOT NULL,
    service_type    TEXT   NOT NULL,
    price_units     BIGINT NOT NULL,
    network         TEXT   NOT NULL,
    payment_address TEXT   NOT NULL,
    client_address  TEXT   NOT NULL,
    endpoint        TEXT,
    quoted_at       BIGINT NOT NULL,
    intent_at       BIGINT,                          -- written before money is sent
    tx_hash         TEXT,                            -- written before it is proved
    proved_at       BIGINT,
    status          TEXT   NOT NULL,                 -- the provider's last word
    content_hash    TEXT,
    content         BYTEA,
    downloaded_at   BIGINT,
    PRIMARY KEY (provider, order_id),
    CHECK (tx_hash IS NOT NULL OR proved_at IS NULL)
);
