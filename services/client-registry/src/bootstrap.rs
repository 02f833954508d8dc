//! Sets up a fresh installation, as `mintage dev` does on each start.

use mintage_api::registry::tenant_service_client::TenantServiceClient;
use mintage_api::registry::{CreateTenantRequest, GetTenantRequest, Tenant, UpdateTenantRequest};
use mintage_chassis::Transport;
use mintage_oauth::{Origin, TenantId};
use prost_types::FieldMask;
use tonic::{Code, Status};

/// Makes sure that tenant `default` exists, with its Management API, and is served on `origins`; returns it.
///
/// Loopback origins of former starts (another `--http` port) give way; every other origin of the tenant stays, behind
/// those given. No other tenant can stand in the way: the registry gives loopback origins to `default` alone. `registry`
/// must be a transport of the binary itself, [`mintage_chassis::ServiceName::MINTAGE`].
///
/// # Errors
/// What the registry answers, UNAVAILABLE when key-management does not make the tenant's keys for example.
pub async fn bootstrap(registry: Transport, origins: &[Origin]) -> Result<Tenant, Status> {
    let mut tenants = TenantServiceClient::new(registry);
    match tenants.get_tenant(GetTenantRequest { id: TenantId::DEFAULT.to_owned() }).await {
        Ok(found) => serve_on(&mut tenants, found.into_inner().tenant.unwrap_or_default(), origins).await,
        Err(status) if status.code() == Code::NotFound => create(&mut tenants, origins).await,
        Err(status) => Err(status),
    }
}

async fn create(tenants: &mut TenantServiceClient<Transport>, origins: &[Origin]) -> Result<Tenant, Status> {
    let request = CreateTenantRequest {
        id: TenantId::DEFAULT.to_owned(),
        origins: origins.iter().map(ToString::to_string).collect(),
        ..CreateTenantRequest::default()
    };
    Ok(tenants.create_tenant(request).await?.into_inner().tenant.unwrap_or_default())
}

async fn serve_on(
    tenants: &mut TenantServiceClient<Transport>,
    mut tenant: Tenant,
    origins: &[Origin],
) -> Result<Tenant, Status> {
    let mut wanted: Vec<_> = origins.iter().map(ToString::to_string).collect();
    let kept: Vec<_> = tenant.origins.iter().filter(|held| !wanted.contains(held) && !gives_way(held)).collect();
    wanted.extend(kept.into_iter().cloned());
    if wanted == tenant.origins {
        return Ok(tenant);
    }
    tenant.origins = wanted;
    let update_mask = Some(FieldMask { paths: vec!["origins".to_owned()] });
    let request = UpdateTenantRequest { tenant: Some(tenant), update_mask };
    Ok(tenants.update_tenant(request).await?.into_inner().tenant.unwrap_or_default())
}

/// What the registry holds is an origin; something else is not ours to drop.
fn gives_way(held: &str) -> bool {
    held.parse::<Origin>().is_ok_and(|origin| origin.is_loopback())
}
