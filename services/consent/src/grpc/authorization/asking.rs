//! What a page asks of a user, as the registry has it now.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_api::consent as wire;
use mintage_api::consent::GetInteractionResponse;
use mintage_oauth::{TenantId, openid};
use prost::Message as _;

use super::flow::Parties;
use crate::domain::ConsentError;
use crate::domain::application::Api;
use crate::domain::grant::UserGrant;
use crate::domain::id::UserId;
use crate::domain::incarnation::Incarnation;
use crate::domain::request::AuthorizationRequest;
use crate::domain::secret::Digest;
use crate::grpc::Desk;
use crate::grpc::convert::application_of;

/// Who asks for what, with what the user said of it before.
#[derive(Debug)]
pub(super) struct Asking {
    shown: GetInteractionResponse,
    /// Which API; another that is called the same reads the same.
    api: Option<Incarnation>,
}

impl Asking {
    /// Puts it together for a consent page.
    pub(super) async fn of(
        desk: &Desk,
        tenant: &TenantId,
        user: &UserId,
        parties: &Parties,
        asked: &AuthorizationRequest,
    ) -> Result<Self, ConsentError> {
        let Parties { client, api } = parties;
        let between = parties.between(tenant, user);
        let grant = desk.grant_between(&between, api.as_ref()).await?;
        let named = |api: &Api| wire::Api { identifier: api.audience.to_string(), name: api.name.clone() };
        let shown = GetInteractionResponse {
            application: Some(application_of(client, client.destination(&asked.back.redirect_uri))),
            api: api.as_ref().map(named),
            scopes: choices(asked, api.as_ref(), grant.as_ref()),
            asked_each_time: asked.can_be_anybodys(client),
            ..GetInteractionResponse::default()
        };
        Ok(Self { shown, api: between.api })
    }

    /// All that a user reads of it, and of which API, as one word. Two that differ in anything have other words.
    pub(super) fn word(&self, desk: &Desk) -> String {
        URL_SAFE_NO_PAD.encode(self.digest(desk).as_bytes())
    }

    /// Whether a page showed the same, by its word.
    pub(super) fn is_what_was_shown(&self, desk: &Desk, word: &str) -> bool {
        let shown = URL_SAFE_NO_PAD.decode(word).ok().and_then(|bytes| Digest::from_stored(&bytes));
        shown.is_some_and(|shown| shown.matches(&self.digest(desk)))
    }

    /// Goes onto a page.
    pub(super) fn put_on(self, page: &mut GetInteractionResponse) {
        let GetInteractionResponse { application, api, scopes, asked_each_time, .. } = self.shown;
        (page.application, page.api, page.scopes, page.asked_each_time) = (application, api, scopes, asked_each_time);
    }

    /// Of the messages themselves, so that nothing is shown one day that the word does not cover.
    fn digest(&self, desk: &Desk) -> Digest {
        let api = self.api.as_ref().map_or("", Incarnation::as_str);
        desk.digester.mac("shown", &[&self.shown.encode_to_vec(), api.as_bytes()])
    }
}

/// Every scope asked for, with what the user said of it before.
fn choices(asked: &AuthorizationRequest, api: Option<&Api>, grant: Option<&UserGrant>) -> Vec<wire::ScopeChoice> {
    let choice = |scope: &mintage_oauth::Scope| {
        let value = scope.as_str();
        let defined = api.and_then(|api| api.scopes.iter().find(|defined| defined.value == value));
        let of_openid = openid::is_openid_scope(value) || value == openid::OFFLINE_ACCESS;
        let defined = defined.filter(|_| !of_openid);
        wire::ScopeChoice {
            value: value.to_owned(),
            description: defined.map(|defined| defined.description.clone()).unwrap_or_default(),
            optional: defined.is_some_and(|defined| defined.optional),
            granted: grant.is_some_and(|grant| grant.consented.contains(value)),
            declined: grant.is_some_and(|grant| grant.declined.contains(value)),
        }
    };
    asked.scopes().iter().map(choice).collect()
}
