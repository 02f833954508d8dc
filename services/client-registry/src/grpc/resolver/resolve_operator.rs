//! What an operator may do now: for the guards of siblings, and without a call for this service's own.

use mintage_api::registry::{OperatorRecord, ResolveOperatorRequest, ResolveOperatorResponse};
use mintage_chassis::access::{MANAGEMENT_AUDIENCE, OperatorDirectory, Standing};
use mintage_oauth::{ClientId, TenantId};
use tonic::{Request, Status, async_trait};

use crate::domain::RegistryError;
use crate::grpc::Desk;
use crate::grpc::convert::required;
use crate::store::RegistryStore;

pub(super) async fn resolve_operator(
    desk: &Desk,
    request: Request<ResolveOperatorRequest>,
) -> Result<ResolveOperatorResponse, Status> {
    let ResolveOperatorRequest { tenant_id, client_id } = request.into_inner();
    // Before the record: the answer is at least as fresh as it says.
    let revision = desk.store.head().await?;
    let standing = match (tenant_id.parse(), client_id.parse()) {
        (Ok(tenant), Ok(id)) => standing(&desk.store, &tenant, &id).await?,
        _ => None,
    };
    Ok(ResolveOperatorResponse { operator: standing.map(operator_record), revision })
}

/// Asks the store anew for each call, so that what a call ends has ended for the next.
#[derive(Clone, Debug)]
pub(crate) struct OwnOperators(RegistryStore);

impl OwnOperators {
    pub(crate) const fn new(store: RegistryStore) -> Self {
        Self(store)
    }
}

#[async_trait]
impl OperatorDirectory for OwnOperators {
    async fn standing(&self, tenant: &TenantId, client_id: &ClientId) -> Result<Option<Standing>, Status> {
        Ok(standing(&self.0, tenant, client_id).await?)
    }
}

async fn standing(
    store: &RegistryStore,
    tenant: &TenantId,
    client_id: &ClientId,
) -> Result<Option<Standing>, RegistryError> {
    let Some(client) = store.client(tenant, client_id).await?.filter(|client| client.enabled) else { return Ok(None) };
    let management = required("audience", MANAGEMENT_AUDIENCE)?;
    let Some(grant) = store.client_grant_between(tenant, &client.id, &management).await? else { return Ok(None) };
    let Some(tenant) = store.tenant(tenant).await? else { return Ok(None) };
    let issuers = tenant.origins.iter().map(|origin| origin.issuer().to_string()).collect();
    Ok(Some(Standing { issuers, scopes: grant.scopes }))
}

fn operator_record(standing: Standing) -> OperatorRecord {
    let Standing { issuers, scopes } = standing;
    OperatorRecord { issuers, scopes: scopes.iter().map(ToString::to_string).collect() }
}
