//! Tenants, clients and APIs as they are now: a user waits longer for a page than the registry takes to answer, and what is
//! not remembered is never stale.

use std::time::Duration;

use mintage_api::registry::resolve_tenant_request::By;
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_api::registry::{
    self as wire, ReportClientUseRequest, ResolveApplicationRequest, ResolveResourceServerRequest, ResolveTenantRequest,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::status::Chain;
use mintage_chassis::{Transport, deadline};
use mintage_clock::Timestamp;
use mintage_oauth::{
    Audience, ClientId, ClientType, ErrorProfile, GrantType, Issuer, Origin, Party, RedirectUri, TenantId,
};
use tonic::{Code, Response, Status};

use crate::domain::ConsentError;
use crate::domain::application::{Api, Application, DefinedScope, Links, RefreshLifetimes};
use crate::domain::incarnation::Life;
use crate::domain::user::User;

/// Asks client-registry.
#[derive(Clone, Debug)]
pub(crate) struct Registry(ResolverServiceClient<Transport>);

/// A tenant as consent needs it.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) life: Life,
    pub(crate) issuers: Vec<Issuer>,
    /// In whose custom its clients are refused.
    pub(crate) error_profile: ErrorProfile,
    /// What a request wants that names no API.
    pub(crate) default_audience: String,
}

impl Tenant {
    /// The issuer under which a request came in, if it is the tenant's.
    pub(crate) fn issuer(&self, text: &str) -> Result<&Issuer, ConsentError> {
        let its_own = self.issuers.iter().find(|issuer| issuer.as_str() == text);
        its_own.ok_or_else(|| ConsentError::invalid("issuer", "it is none of the tenant's"))
    }

    /// Whether the user is one of this tenant, and not of one that had its id before.
    pub(crate) fn has(&self, user: &User) -> bool {
        user.tenant == self.id && self.life.includes(user.incarnation.as_ref(), user.created_at)
    }
}

impl Registry {
    pub(crate) fn new(registry: Transport) -> Self {
        Self(ResolverServiceClient::new(registry))
    }

    /// The tenant, if there is one.
    pub(crate) async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, ConsentError> {
        let request = ResolveTenantRequest { by: Some(By::Id(id.to_string())) };
        let answer = within(self.0.clone().resolve_tenant(request)).await?;
        answer.tenant.map(|tenant| tenant_of(id, &tenant, &answer.incarnation)).transpose()
    }

    /// The client, if there is one that is enabled.
    pub(crate) async fn application(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Option<Application>, ConsentError> {
        Ok(self.registered(tenant, client).await?.filter(|client| client.enabled))
    }

    /// The client, if there is one.
    pub(crate) async fn registered(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Option<Application>, ConsentError> {
        let request = ResolveApplicationRequest { tenant_id: tenant.to_string(), client_id: client.to_string() };
        let answer = within(self.0.clone().resolve_application(request)).await?;
        answer.client.map(|client| application_of(client, answer.unused)).transpose()
    }

    /// Tells that a user let the client act, where nobody did before. Without that it would be forgotten one day; the next
    /// user is told of again.
    pub(crate) async fn note_use(&self, tenant: &TenantId, client: &Application) {
        if !client.unused {
            return;
        }
        let request = ReportClientUseRequest { tenant_id: tenant.to_string(), client_id: client.id.to_string() };
        if let Err(error) = within(self.0.clone().report_client_use(request)).await {
            tracing::warn!(error = %Chain(&error), "the registry does not know yet that a client is used");
        }
    }

    /// The API, if there is one that users can let clients use: never the Management API.
    pub(crate) async fn api(&self, tenant: &TenantId, audience: &Audience) -> Result<Option<Api>, ConsentError> {
        let request = ResolveResourceServerRequest { tenant_id: tenant.to_string(), identifier: audience.to_string() };
        let answer = within(self.0.clone().resolve_resource_server(request)).await?;
        answer.resource_server.filter(|api| !api.is_system).map(|api| api_of(audience, api)).transpose()
    }
}

/// Without its incarnation the tenant is just going, or the registry is of a release that does not tell: neither is for long.
fn tenant_of(id: &TenantId, tenant: &wire::Tenant, incarnation: &str) -> Result<Tenant, ConsentError> {
    let incarnation = incarnation.parse().map_err(|error| ConsentError::Unavailable(Box::new(error)))?;
    let issuer = |origin: &String| origin.parse().map(|origin: Origin| origin.issuer()).ok();
    Ok(Tenant {
        id: id.clone(),
        life: Life { incarnation, since: time(tenant.created_at.as_ref()) },
        issuers: tenant.origins.iter().filter_map(issuer).collect(),
        error_profile: match tenant.error_profile() {
            wire::ErrorProfile::Auth0 => ErrorProfile::Auth0,
            wire::ErrorProfile::Rfc | wire::ErrorProfile::Unspecified => ErrorProfile::Rfc,
        },
        default_audience: tenant.default_audience.clone(),
    })
}

fn application_of(client: wire::Client, unused: bool) -> Result<Application, ConsentError> {
    let (party, client_type) = (client.party(), client.client_type());
    let access = client.user_access.unwrap_or_default();
    let mut grant_types: Vec<GrantType> = client.grant_types.iter().filter_map(|name| name.parse().ok()).collect();
    grant_types.extend(access.dangerously_allow_implicit.then_some(GrantType::Implicit));
    grant_types.extend(access.dangerously_allow_password.then_some(GrantType::Password));
    let uris = |texts: &[String]| texts.iter().filter_map(|text| text.parse::<RedirectUri>().ok()).collect();
    Ok(Application {
        id: client.client_id.parse().map_err(|error| ConsentError::Failed(Box::new(error)))?,
        enabled: client.enabled,
        name: client.name,
        // What this version does not know is trusted with less.
        party: if party == wire::Party::First { Party::First } else { Party::Third },
        client_type: if client_type == wire::ClientType::Confidential {
            ClientType::Confidential
        } else {
            ClientType::Public
        },
        grant_types,
        redirect_uris: uris(&access.redirect_uris),
        post_logout_redirect_uris: uris(&access.post_logout_redirect_uris),
        registered_itself: client.registered_itself,
        unused,
        refresh_tokens: RefreshLifetimes {
            idle: length(access.refresh_token_idle_lifetime),
            whole: length(access.refresh_token_lifetime),
        },
        requires_pkce: access.require_pkce,
        owner: access.owner,
        links: Links {
            client: access.client_uri,
            logo: access.logo_uri,
            policy: access.policy_uri,
            terms: access.tos_uri,
        },
    })
}

fn api_of(audience: &Audience, api: wire::ResourceServer) -> Result<Api, ConsentError> {
    let policy = api.consent.unwrap_or_default();
    // Third parties never share a secret with an API.
    let shares_secret = api.signing_algorithm() == SigningAlgorithm::Hs256;
    let scope = |scope: wire::ScopeDefinition| DefinedScope {
        value: scope.value,
        description: scope.description,
        optional: scope.optional,
    };
    let incarnation = api.id.parse().map_err(|error| ConsentError::Failed(Box::new(error)))?;
    Ok(Api {
        life: Life { incarnation, since: time(api.created_at.as_ref()) },
        audience: audience.clone(),
        name: api.name,
        scopes: api.scopes.into_iter().map(scope).collect(),
        allows_third_parties: policy.third_parties() == wire::ThirdParties::Allowed && !shares_secret,
        skips_first_parties: policy.skip_for_verifiable_first_parties,
        allows_offline_access: policy.allow_offline_access,
    })
}

/// When it was made; the registry always says when.
fn time(told: Option<&prost_types::Timestamp>) -> Timestamp {
    let told = told.copied().unwrap_or_default();
    Timestamp::from_unix_millis(told.seconds.saturating_mul(1000).saturating_add(i64::from(told.nanos / 1_000_000)))
}

/// Nothing, where the registry said nothing: such a token has ended when it is made.
fn length(told: Option<prost_types::Duration>) -> Duration {
    told.and_then(|length| Duration::try_from(length).ok()).unwrap_or_default()
}

async fn within<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, ConsentError> {
    let answer = deadline::within(PATIENCE, call).await.map_err(|late| ConsentError::Unavailable(Box::new(late)))?;
    answer.map(Response::into_inner).map_err(|status| match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted | Code::Aborted => {
            ConsentError::Unavailable(Box::new(status))
        }
        _ => ConsentError::Failed(Box::new(status)),
    })
}

/// A user waits for what it brings.
const PATIENCE: Duration = Duration::from_secs(2);
