//! The audience and the scopes of operator tokens.

/// The identifier of each tenant's Management API: the audience of operator tokens.
pub const MANAGEMENT_AUDIENCE: &str = "urn:mintage:management";

/// Every scope of the Management API with what it allows.
pub const MANAGEMENT_SCOPES: &[(&str, &str)] = &[
    ("create:tenants", "Create tenants"),
    ("read:tenants", "Read tenants"),
    ("update:tenants", "Change tenants"),
    ("delete:tenants", "Delete tenants"),
    ("create:clients", "Create clients"),
    ("read:clients", "Read clients"),
    ("update:clients", "Change clients"),
    ("delete:clients", "Delete clients"),
    ("update:client_keys", "Create and revoke client secrets"),
    ("create:resource_servers", "Create APIs"),
    ("read:resource_servers", "Read APIs"),
    ("update:resource_servers", "Change APIs"),
    ("delete:resource_servers", "Delete APIs"),
    ("create:client_grants", "Grant clients scopes of APIs"),
    ("read:client_grants", "Read client grants"),
    ("update:client_grants", "Change client grants"),
    ("delete:client_grants", "Delete client grants"),
    ("create:signing_keys", "Announce new signing keys"),
    ("read:signing_keys", "Read signing keys"),
    ("update:signing_keys", "Activate, retire and revoke signing keys"),
    ("watch:key_sets", "Count among those whom a new signing key waits for"),
    ("read:signing_secrets", "Read the secrets of HS256 APIs"),
    ("create:users", "Create users"),
    ("read:users", "Read users"),
    ("update:users", "Change users"),
    ("delete:users", "Delete users"),
    ("read:grants", "Read what users consented to"),
    ("delete:grants", "Revoke what users consented to"),
    ("create:initial_access_tokens", "Let others register clients"),
];
