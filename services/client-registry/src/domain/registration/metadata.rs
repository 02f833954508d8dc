//! What a client says of itself.

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{ClientType, GrantType, HttpsUri, Metadata, Party, RedirectUri, TenantId};

use crate::domain::client::{Client, ClientChanges, NewClient, Secret, UserAccess, UserAccessChange};
use crate::domain::ports::Ledger;
use crate::domain::tenant::Tenant;
use crate::domain::{DisplayName, RegistryError, looks_like};

/// What a client says of itself (RFC 7591 section 2), each part well-formed.
#[derive(Clone, Debug)]
pub(crate) struct ClientMetadata {
    pub(crate) name: DisplayName,
    pub(crate) client_type: Option<ClientType>,
    pub(crate) redirect_uris: Vec<RedirectUri>,
    /// Neither client_credentials nor what is dangerous.
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) client_uri: Option<HttpsUri>,
    pub(crate) logo_uri: Option<HttpsUri>,
    pub(crate) policy_uri: Option<HttpsUri>,
    pub(crate) tos_uri: Option<HttpsUri>,
}

impl ClientMetadata {
    /// The client that it makes: a third party, confidential unless it says otherwise.
    pub(crate) fn client(
        self,
        tenant: TenantId,
        secret: Option<Secret>,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Result<Client, RegistryError> {
        let client_type = self.client_type.unwrap_or_default();
        let ClientChanges { user_access, .. } = self.clone().changes();
        let new = NewClient {
            tenant,
            name: self.name,
            party: Party::Third,
            client_type,
            metadata: Metadata::default(),
            grant_types: self.grant_types,
            claim_mappings: Vec::new(),
            user_access: UserAccess::default().with(user_access),
            registered_itself: true,
        };
        Client::new(new, secret, now, randomness)
    }

    /// What it changes of a client there is; what it cannot speak of stays.
    pub(super) fn changes(self) -> ClientChanges {
        ClientChanges {
            name: Some(self.name),
            grant_types: Some(self.grant_types),
            user_access: vec![
                UserAccessChange::RedirectUris(self.redirect_uris),
                UserAccessChange::ClientUri(self.client_uri),
                UserAccessChange::LogoUri(self.logo_uri),
                UserAccessChange::PolicyUri(self.policy_uri),
                UserAccessChange::TosUri(self.tos_uri),
            ],
            ..ClientChanges::default()
        }
    }

    /// Refuses a name that users could take for the tenant's, or for that of a client that an operator made, whosever it is:
    /// what somebody looked at is not to be posed as by what nobody did.
    pub(super) async fn check_name<L: Ledger>(&self, tenant: &Tenant, ledger: &L) -> Result<(), RegistryError> {
        let refused = |rule: &str| Err(RegistryError::invalid("client_name", rule));
        let looks = looks_like(&self.name.to_string());
        if looks.is_empty() {
            return refused("it has neither letters nor digits");
        }
        let own = [tenant.id.to_string(), tenant.display_name.to_string()];
        if own.iter().any(|name| looks_like(name) == looks) {
            return refused("it looks like a name of the tenant's own");
        }
        if ledger.is_taken_by_an_operators_client(&tenant.id, &looks).await? {
            return refused("it looks like the name of an application that is set up here");
        }
        Ok(())
    }

    /// Refuses what would be another application to the users who let `client` act: they agreed to a name, and to where they
    /// would be led. Whoever gets hold of the registration token is not to lead them elsewhere by their old word.
    pub(super) fn check_is_still(&self, client: &Client) -> Result<(), RegistryError> {
        if looks_like(&self.name.to_string()) != looks_like(&client.name.to_string()) {
            return Err(RegistryError::invalid(
                "client_name",
                "users know it by its name; register another client for it",
            ));
        }
        let known: Vec<_> = client.user_access.redirect_uris.iter().map(RedirectUri::destination).collect();
        if self.redirect_uris.iter().any(|uri| !known.contains(&uri.destination())) {
            let rule = "users agreed to be led to where it led; register another client for another origin or scheme";
            return Err(RegistryError::invalid("redirect_uris", rule));
        }
        Ok(())
    }
}
