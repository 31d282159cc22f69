-- Partners' contracts: a licence for named tenants, from a time to a time, for so many accounts.
CREATE TABLE contracts (
    id TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    license TEXT NOT NULL REFERENCES licenses (id),
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    seats INTEGER NOT NULL
);
CREATE INDEX contracts_by_license ON contracts (license);

CREATE TABLE contract_tenants (
    contract TEXT NOT NULL REFERENCES contracts (id),
    tenant TEXT NOT NULL REFERENCES tenants (key),
    PRIMARY KEY (contract, tenant)
);
CREATE INDEX contract_tenants_by_tenant ON contract_tenants (tenant);

-- Who uses it. Names are kept twice: in lower case, and as they were written.
CREATE TABLE contract_seats (
    contract TEXT NOT NULL REFERENCES contracts (id),
    tenant TEXT NOT NULL,
    account_key TEXT NOT NULL,
    account TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (contract, tenant, account_key)
);
