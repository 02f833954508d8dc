//! What grants join, as the registry has it now.

use std::collections::HashMap;

use mintage_oauth::{Audience, ClientId, TenantId};

use super::Desk;
use crate::domain::ConsentError;
use crate::domain::application::{Api, Application};
use crate::domain::grant::Between;

/// Clients and APIs of one tenant. The registry is asked once for each.
#[derive(Debug, Default)]
pub(super) struct Joined {
    clients: HashMap<ClientId, Option<Application>>,
    apis: HashMap<Audience, Option<Api>>,
}

impl Joined {
    /// The client of a grant, disabled or not, and the API. `None` where either is gone, though another may be called the same:
    /// then nobody grants anything there any more.
    pub(super) async fn by(
        &mut self,
        between: &Between,
        desk: &Desk,
    ) -> Result<Option<(&Application, Option<&Api>)>, ConsentError> {
        let Between { tenant, user: _, client, audience, api } = between;
        self.look_up(tenant, client, audience.as_ref(), desk).await?;
        let Some(application) = self.clients.get(client).and_then(Option::as_ref) else { return Ok(None) };
        let known = audience.as_ref().and_then(|audience| self.apis.get(audience)?.as_ref());
        let is_it = known.map(|known| &known.life.incarnation) == api.as_ref() && between.is_definite();
        Ok(is_it.then_some((application, known)))
    }

    async fn look_up(
        &mut self,
        tenant: &TenantId,
        client: &ClientId,
        audience: Option<&Audience>,
        desk: &Desk,
    ) -> Result<(), ConsentError> {
        if !self.clients.contains_key(client) {
            self.clients.insert(client.clone(), desk.registry.registered(tenant, client).await?);
        }
        if let Some(audience) = audience
            && !self.apis.contains_key(audience)
        {
            self.apis.insert(audience.clone(), desk.registry.api(tenant, audience).await?);
        }
        Ok(())
    }
}
