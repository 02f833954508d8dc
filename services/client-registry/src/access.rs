//! Who may call which method of the registry.

use mintage_chassis::ServiceName;
use mintage_chassis::access::{Caller, Row};

/// One row a method; a method without a row is refused. Methods that name another tenant, or are about all of them,
/// ask besides that the operator be of tenant `default`.
pub const ACCESS: &[Row] = &[
    operator("/mintage.registry.v1.TenantService/CreateTenant", &["create:tenants"]),
    operator("/mintage.registry.v1.TenantService/GetTenant", &["read:tenants"]),
    operator("/mintage.registry.v1.TenantService/ListTenants", &["read:tenants"]),
    operator("/mintage.registry.v1.TenantService/UpdateTenant", &["update:tenants"]),
    operator("/mintage.registry.v1.TenantService/DeleteTenant", &["delete:tenants"]),
    operator("/mintage.registry.v1.ClientService/CreateClient", &["create:clients"]),
    operator("/mintage.registry.v1.ClientService/GetClient", &["read:clients"]),
    operator("/mintage.registry.v1.ClientService/ListClients", &["read:clients"]),
    operator("/mintage.registry.v1.ClientService/UpdateClient", &["update:clients"]),
    operator("/mintage.registry.v1.ClientService/DeleteClient", &["delete:clients"]),
    operator("/mintage.registry.v1.ClientService/CreateClientSecret", &["update:client_keys"]),
    operator("/mintage.registry.v1.ClientService/RevokeClientSecret", &["update:client_keys"]),
    operator("/mintage.registry.v1.ResourceServerService/CreateResourceServer", &["create:resource_servers"]),
    operator("/mintage.registry.v1.ResourceServerService/GetResourceServer", &["read:resource_servers"]),
    operator("/mintage.registry.v1.ResourceServerService/ListResourceServers", &["read:resource_servers"]),
    operator("/mintage.registry.v1.ResourceServerService/UpdateResourceServer", &["update:resource_servers"]),
    operator("/mintage.registry.v1.ResourceServerService/DeleteResourceServer", &["delete:resource_servers"]),
    operator("/mintage.registry.v1.ClientGrantService/CreateClientGrant", &["create:client_grants"]),
    operator("/mintage.registry.v1.ClientGrantService/GetClientGrant", &["read:client_grants"]),
    operator("/mintage.registry.v1.ClientGrantService/ListClientGrants", &["read:client_grants"]),
    operator("/mintage.registry.v1.ClientGrantService/UpdateClientGrant", &["update:client_grants"]),
    operator("/mintage.registry.v1.ClientGrantService/DeleteClientGrant", &["delete:client_grants"]),
    services("/mintage.registry.v1.RegistrationService/RegisterClient", EDGE),
    services("/mintage.registry.v1.RegistrationService/GetRegistration", EDGE),
    services("/mintage.registry.v1.RegistrationService/UpdateRegistration", EDGE),
    services("/mintage.registry.v1.RegistrationService/DeleteRegistration", EDGE),
    operator("/mintage.registry.v1.RegistrationService/CreateInitialAccessToken", &["create:initial_access_tokens"]),
    services("/mintage.registry.v1.ResolverService/ResolveTenant", CONSENT_EDGE_AND_TOKEN),
    services("/mintage.registry.v1.ResolverService/ResolveClient", TOKEN),
    services("/mintage.registry.v1.ResolverService/ResolveApplication", CONSENT),
    services("/mintage.registry.v1.ResolverService/ResolveResourceServer", CONSENT_AND_TOKEN),
    services("/mintage.registry.v1.ResolverService/ResolveClientGrant", TOKEN),
    Row { method: "/mintage.registry.v1.ResolverService/ResolveOperator", caller: Caller::AnyService },
    services("/mintage.registry.v1.ResolverService/ResolveLongestToken", KEY_MANAGEMENT),
    services("/mintage.registry.v1.ResolverService/ReportClientUse", CONSENT),
    services("/mintage.registry.v1.ResolverService/ReportSecretUse", TOKEN),
    services("/mintage.registry.v1.ChangeFeedService/Watch", CONSENT_EDGE_AND_TOKEN),
];

const CONSENT: &[ServiceName] = &[ServiceName::CONSENT];
const CONSENT_AND_TOKEN: &[ServiceName] = &[ServiceName::CONSENT, ServiceName::TOKEN];
const CONSENT_EDGE_AND_TOKEN: &[ServiceName] = &[ServiceName::CONSENT, ServiceName::EDGE, ServiceName::TOKEN];
const EDGE: &[ServiceName] = &[ServiceName::EDGE];
const KEY_MANAGEMENT: &[ServiceName] = &[ServiceName::KEY_MANAGEMENT];
const TOKEN: &[ServiceName] = &[ServiceName::TOKEN];

const fn operator(method: &'static str, any_of: &'static [&'static str]) -> Row {
    Row { method, caller: Caller::Operator { any_of } }
}

const fn services(method: &'static str, names: &'static [ServiceName]) -> Row {
    Row { method, caller: Caller::Services(names) }
}
