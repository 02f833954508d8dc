//! Who redeems something, and for which API, as the registry has both now.

use mintage_oauth::{Audience, ClientId, TenantId};

use crate::domain::ConsentError;
use crate::domain::application::{Api, Application};
use crate::domain::grant::UserGrant;
use crate::domain::terms::Terms;
use crate::grpc::desk::tenant_id;
use crate::grpc::{Desk, told};

/// Whose client presents something. The token service let it prove itself.
#[derive(Debug)]
pub(super) struct Presenter {
    pub(super) tenant: TenantId,
    pub(super) client: ClientId,
}

impl Presenter {
    pub(super) fn read(tenant: &str, client: &str) -> Result<Self, ConsentError> {
        let client = client.parse().map_err(|error| ConsentError::invalid("client_id", error))?;
        let tenant = tenant_id(tenant)?;
        told::tenant(&tenant);
        Ok(Self { tenant, client })
    }

    /// Asks the registry about a grant of its own, before the grant is locked; `None`: the client or the API is gone. Whoever
    /// presents what is another's is told no more than if there were no such thing.
    pub(super) async fn parties(&self, desk: &Desk, grant: Option<UserGrant>) -> Result<Option<Parties>, ConsentError> {
        let its_own = |grant: &UserGrant| grant.between.is_of(&self.tenant, &self.client);
        let grant = grant.filter(its_own).ok_or(ConsentError::GrantInvalid)?;
        told::client(&grant.between.client);
        told::user(&grant.between.user);
        let Some(client) = desk.registry.application(&self.tenant, &self.client).await? else { return Ok(None) };
        let Some(audience) = &grant.between.audience else { return Ok(Some(Parties { client, api: None })) };
        let Some(api) = desk.registry.api(&self.tenant, audience).await? else { return Ok(None) };
        let UserGrant { between, .. } = desk.placed(grant, &api).await?;
        let is_it = between.api.as_ref() == Some(&api.life.incarnation);
        Ok(is_it.then_some(Parties { client, api: Some(api) }))
    }
}

/// The client and the API of a grant.
#[derive(Debug)]
pub(super) struct Parties {
    client: Application,
    /// `None`: the grant is for no API.
    api: Option<Api>,
}

impl Parties {
    /// Tells the registry that the client is used, where it does not know: it may have been restored, or have been away.
    pub(super) async fn note_use(&self, desk: &Desk, tenant: &TenantId) {
        desk.registry.note_use(tenant, &self.client).await;
    }

    pub(super) fn terms(&self) -> Terms<'_> {
        Terms { client: &self.client, api: self.api.as_ref() }
    }
}

/// The API that a token is asked for; empty: the one that was granted.
pub(super) fn asked_audience(text: &str) -> Result<Option<Audience>, ConsentError> {
    let read = || text.parse().map_err(|error| ConsentError::invalid("audience", error));
    if text.is_empty() { Ok(None) } else { read().map(Some) }
}
