//! One run of a command: its connection, and the operator's token in memory.

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context;
use mintage_api::consent::user_grant_service_client::UserGrantServiceClient;
use mintage_api::consent::user_service_client::UserServiceClient;
use mintage_api::keys::GetKeySetRequest;
use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::keys::key_set_service_client::KeySetServiceClient;
use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::registration_service_client::RegistrationServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::tenant_service_client::TenantServiceClient;
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest, issue_token_request};
use mintage_chassis::Transport;
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_clock::Clock;
use tokio::sync::OnceCell;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::failure::{Unreachable, WrongDoor, is_broken};
use crate::profile::{Credentials, Key, Profile};

/// The way to key management: as the operator, or as the installation.
pub(crate) type ToKeys = InterceptedService<Transport, Bearer>;

/// A channel whose calls carry the operator's token.
pub(crate) type Authorized = InterceptedService<Channel, Bearer>;

/// What a command works with. Connects and gets the operator's token when first needed, and keeps both.
pub(crate) struct Session {
    /// Where to connect and as whom.
    pub(crate) profile: Profile,
    /// Tells the time.
    pub(crate) clock: Clock,
    token: OnceCell<Channel>,
    registry: OnceCell<Channel>,
    keys: OnceCell<Channel>,
    consent: OnceCell<Channel>,
    bearer: OnceCell<Bearer>,
    installation: OnceLock<Transport>,
}

impl Session {
    /// A session that has not connected yet.
    pub(crate) fn new(profile: Profile, clock: Clock) -> Self {
        let [token, registry, keys, consent] = [const { OnceCell::const_new() }; 4];
        Self { profile, clock, token, registry, keys, consent, bearer: OnceCell::new(), installation: OnceLock::new() }
    }

    /// Tenants, as the operator.
    pub(crate) async fn tenants(&self) -> anyhow::Result<TenantServiceClient<Authorized>> {
        Ok(TenantServiceClient::with_interceptor(self.channel(Key::RegistryGrpc).await?, self.bearer().await?))
    }

    /// Clients, as the operator.
    pub(crate) async fn clients(&self) -> anyhow::Result<ClientServiceClient<Authorized>> {
        Ok(ClientServiceClient::with_interceptor(self.channel(Key::RegistryGrpc).await?, self.bearer().await?))
    }

    /// Registrations of clients, as the operator.
    pub(crate) async fn registrations(&self) -> anyhow::Result<RegistrationServiceClient<Authorized>> {
        Ok(RegistrationServiceClient::with_interceptor(self.channel(Key::RegistryGrpc).await?, self.bearer().await?))
    }

    /// APIs, as the operator.
    pub(crate) async fn apis(&self) -> anyhow::Result<ResourceServerServiceClient<Authorized>> {
        Ok(ResourceServerServiceClient::with_interceptor(self.channel(Key::RegistryGrpc).await?, self.bearer().await?))
    }

    /// Client grants, as the operator.
    pub(crate) async fn grants(&self) -> anyhow::Result<ClientGrantServiceClient<Authorized>> {
        Ok(ClientGrantServiceClient::with_interceptor(self.channel(Key::RegistryGrpc).await?, self.bearer().await?))
    }

    /// Users, as the operator.
    pub(crate) async fn users(&self) -> anyhow::Result<UserServiceClient<Authorized>> {
        Ok(UserServiceClient::with_interceptor(self.channel(Key::ConsentGrpc).await?, self.bearer().await?))
    }

    /// What users consented to, as the operator.
    pub(crate) async fn user_grants(&self) -> anyhow::Result<UserGrantServiceClient<Authorized>> {
        Ok(UserGrantServiceClient::with_interceptor(self.channel(Key::ConsentGrpc).await?, self.bearer().await?))
    }

    /// Manages keys as the installation itself from now on, through `way`. The first call counts.
    pub(crate) fn act_through(&self, way: Transport) {
        self.installation.get_or_init(|| way);
    }

    /// Whether keys are managed as the installation itself.
    pub(crate) fn is_installation(&self) -> bool {
        self.installation.get().is_some()
    }

    /// Key rings, as the operator or as the installation.
    pub(crate) async fn key_rings(&self) -> anyhow::Result<KeyRingServiceClient<ToKeys>> {
        let (way, bearer) = match self.installation.get() {
            Some(way) => (way.clone(), Bearer(None)),
            None => (Transport::remote(self.channel(Key::KeysGrpc).await?), self.bearer().await?),
        };
        Ok(KeyRingServiceClient::with_interceptor(way, bearer))
    }

    /// Public keys, as anyone.
    pub(crate) async fn key_sets(&self) -> anyhow::Result<KeySetServiceClient<Channel>> {
        Ok(KeySetServiceClient::new(self.channel(Key::KeysGrpc).await?))
    }

    /// Tokens, as anyone.
    pub(crate) async fn tokens(&self) -> anyhow::Result<TokenServiceClient<Channel>> {
        Ok(TokenServiceClient::new(self.channel(Key::Grpc).await?))
    }

    /// The connection to where `key` says, the only one where it says nothing of its own.
    async fn channel(&self, key: Key) -> anyhow::Result<Channel> {
        let (kept, key) = match key {
            Key::RegistryGrpc if self.profile.get(key).is_some() => (&self.registry, key),
            Key::KeysGrpc if self.profile.get(key).is_some() => (&self.keys, key),
            Key::ConsentGrpc if self.profile.get(key).is_some() => (&self.consent, key),
            _ => (&self.token, Key::Grpc),
        };
        kept.get_or_try_init(|| self.connect(key)).await.cloned()
    }

    async fn connect(&self, key: Key) -> anyhow::Result<Channel> {
        let endpoint = self.profile.endpoint(key)?.connect_timeout(CONNECT_TIMEOUT).timeout(CALL_TIMEOUT);
        let address = endpoint.uri().to_string();
        Ok(endpoint.connect().await.map_err(|cause| Unreachable { address, said_by: key.as_str(), cause })?)
    }

    async fn bearer(&self) -> anyhow::Result<Bearer> {
        self.bearer.get_or_try_init(|| self.authenticate()).await.cloned()
    }

    async fn authenticate(&self) -> anyhow::Result<Bearer> {
        let tenant = self.profile.tenant();
        let request = request_of(self.profile.operator()?, tenant, MANAGEMENT_AUDIENCE);
        let refused = || format!("the operator of tenant {tenant} gets no token");
        let answer = self.tokens().await?.issue_token(request).await.with_context(refused)?;
        let mut value: MetadataValue<_> = format!("Bearer {}", answer.into_inner().access_token).parse()?;
        value.set_sensitive(true);
        Ok(Bearer(Some(value)))
    }

    /// Why a command failed; with what may be wrong besides where a door breaks another connection, as those do that are not
    /// for operators.
    pub(crate) async fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        if !error.downcast_ref().is_some_and(is_broken) {
            return error;
        }
        let doors = [
            (Key::Grpc, &self.token),
            (Key::RegistryGrpc, &self.registry),
            (Key::KeysGrpc, &self.keys),
            (Key::ConsentGrpc, &self.consent),
        ];
        for (key, kept) in doors {
            if let (Some(channel), Some(address)) = (kept.get(), self.profile.get(key))
                && breaks(channel.clone()).await
            {
                return WrongDoor::breaks(address, key.as_str(), &error).into();
            }
        }
        error
    }
}

/// Whether a call breaks that nobody is refused and that changes nothing, be it one for another service.
async fn breaks(channel: Channel) -> bool {
    let asked = KeySetServiceClient::new(channel).get_key_set(GetKeySetRequest::default()).await;
    asked.is_err_and(|status| is_broken(&status))
}

/// A client credentials request for every granted scope of `audience`, in the client's tenant.
pub(crate) fn request_of(credentials: Credentials, tenant_id: &str, audience: &str) -> IssueTokenRequest {
    let Credentials { client_id, client_secret } = credentials;
    let secret = ClientSecretAuthentication { client_id, client_secret };
    IssueTokenRequest {
        tenant_id: tenant_id.to_owned(),
        audience: audience.to_owned(),
        grant: Some(issue_token_request::Grant::ClientCredentials(ClientCredentialsGrant {})),
        client_authentication: Some(issue_token_request::ClientAuthentication::ClientSecret(secret)),
        ..IssueTokenRequest::default()
    }
}

/// What an answer must carry.
///
/// # Errors
/// The server left it out.
pub(crate) fn present<T>(part: Option<T>) -> anyhow::Result<T> {
    part.context("the server's answer lacks what was asked for")
}

/// Attaches the operator's token to each call, if one is needed.
#[derive(Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
