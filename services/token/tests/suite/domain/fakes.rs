//! Ports that a test fills and reads, and a small world in them.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mintage_clock::{ManualClock, Randomness, Timestamp};
use mintage_jose::Algorithm;
use mintage_oauth::{
    Audience, ClientId, ClientSecret, ClientType, GrantType, Issuer, Metadata, Party, Pepper, ScopeSet, TenantId,
    TokenLifetime, TokenProfile,
};
use mintage_token::domain::ports::{
    Directory, Disbelief, KeyRing, Metronome, PortError, TokenSigner, Unsigned, UseLog,
};
use mintage_token::domain::records::{Client, ClientGrant, ResourceServer, StoredSecret, Tenant, UserAccess};
use mintage_token::domain::{
    ClientGate, Credential, FailureLimiter, GateParts, Grant, IssueError, IssuedToken, LimiterSettings, Mint,
    MintParts, Quota, Shortcuts, TokenRequest,
};
use tokio::sync::Semaphore;

use super::consent::FakeConsent;

pub(crate) const API: &str = "https://api.example/";
pub(crate) const CLIENT: &str = "client-1";
pub(crate) const START: Timestamp = Timestamp::from_unix_seconds(1_763_000_000);
const PEPPER: [u8; 32] = [7; 32];

/// A tenant, a client with a grant for an API, and a mint.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) registry: Arc<FakeDirectory>,
    pub(crate) consent: Arc<FakeConsent>,
    pub(crate) signer: Arc<FakeSigner>,
    pub(crate) metronome: Arc<FakeMetronome>,
    pub(crate) uses: Arc<FakeUses>,
    pub(crate) secret: ClientSecret,
    pub(crate) mint: Mint,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::at(START);
        let randomness = Randomness::seeded(1);
        let secret = ClientSecret::generate(&randomness);
        let registry = Arc::new(FakeDirectory::new(clock.clone()));
        let consent = Arc::new(FakeConsent::default());
        let (signer, metronome, uses) = <(Arc<FakeSigner>, Arc<FakeMetronome>, Arc<FakeUses>)>::default();
        let quota = |burst| Quota { burst, refill_per_second: 5 };
        let limits = LimiterSettings { client: quota(10), source: quota(100), remembered: 4096 };
        let gate = ClientGate::new(GateParts {
            directory: registry.clone(),
            pepper: Pepper::from_bytes(&PEPPER),
            limiter: FailureLimiter::new(&limits),
            metronome: metronome.clone(),
            failure_grid: Duration::from_millis(10),
            uses: uses.clone(),
            clock: clock.clock(),
            randomness: randomness.clone(),
        });
        let parts = MintParts {
            gate,
            directory: registry.clone(),
            shortcuts: Shortcuts::new(64),
            consent: consent.clone(),
            signer: signer.clone(),
            clock: clock.clock(),
            randomness,
        };
        let world = Self { clock, registry, consent, signer, metronome, uses, secret, mint: Mint::new(parts) };
        world.registry.put_tenant(tenant(None));
        world.registry.put_client(world.client());
        world.registry.put_api(api());
        world.registry.put_grant(Some("read:it write:it"));
        world
    }

    /// The client as it is at first.
    pub(crate) fn client(&self) -> Client {
        Client {
            id: CLIENT.parse().unwrap(),
            name: "Tin \"Can\" Works".to_owned(),
            party: Party::First,
            client_type: ClientType::Confidential,
            enabled: true,
            metadata: Metadata::default(),
            grant_types: vec![GrantType::ClientCredentials],
            claim_mappings: Vec::new(),
            secrets: vec![stored("sec_1", &self.secret, None)],
            user_access: UserAccess::default(),
        }
    }

    /// A request of the client with its secret.
    pub(crate) fn request(&self) -> TokenRequest {
        TokenRequest {
            tenant: TenantId::default_tenant(),
            issuer: None,
            grant: Grant::ClientCredentials,
            credential: presented(CLIENT, self.secret.expose()),
            audience: Some(API.parse().unwrap()),
            scopes: None,
            source: Some("192.0.2.1".parse().unwrap()),
        }
    }

    pub(crate) async fn issue(&self) -> Result<IssuedToken, IssueError> {
        self.mint.issue(&self.request()).await
    }

    pub(crate) async fn issue_scopes(&self, scopes: &str) -> Result<IssuedToken, IssueError> {
        let scopes = Some(ScopeSet::parse_delimited(scopes).unwrap());
        self.mint.issue(&TokenRequest { scopes, ..self.request() }).await
    }

    /// The client tries this id and secret.
    pub(crate) async fn try_secret(&self, client_id: &str, secret: &str) -> Result<IssuedToken, IssueError> {
        self.mint.issue(&TokenRequest { credential: presented(client_id, secret), ..self.request() }).await
    }
}

pub(crate) fn presented(client_id: &str, secret: &str) -> Credential {
    Credential { client_id: client_id.to_owned(), secret: Some(secret.to_owned().into()) }
}

pub(crate) fn stored(id: &str, secret: &ClientSecret, not_after: Option<Timestamp>) -> StoredSecret {
    StoredSecret { id: id.into(), hash: Pepper::from_bytes(&PEPPER).hash(secret), not_after }
}

fn copy_of(secret: &StoredSecret) -> StoredSecret {
    StoredSecret { id: Arc::clone(&secret.id), hash: secret.hash.clone(), not_after: secret.not_after }
}

pub(crate) fn tenant(default_audience: Option<&str>) -> Tenant {
    let issuers: Vec<Issuer> =
        ["https://login.example/", "https://login.example:8443/"].map(|issuer| issuer.parse().unwrap()).into();
    Tenant::new(TenantId::default_tenant(), &issuers, default_audience.map(|text| text.parse().unwrap()))
}

pub(crate) fn api() -> ResourceServer {
    ResourceServer {
        tenant: TenantId::default_tenant(),
        id: "api_1".into(),
        audience: API.parse().unwrap(),
        scopes: ScopeSet::parse_delimited("read:it write:it delete:it").unwrap(),
        algorithm: Algorithm::Es256,
        profile: TokenProfile::AccessToken,
        lifetime: TokenLifetime::from_seconds(3600).unwrap(),
        claim_mappings: Vec::new(),
        is_system: false,
        users_may_let_third_parties_in: false,
    }
}

/// One record of each kind, and how often they were asked for.
pub(crate) struct FakeDirectory {
    tenant: Mutex<Option<Arc<Tenant>>>,
    client: Mutex<Option<Arc<Client>>>,
    api: Mutex<Option<Arc<ResourceServer>>>,
    grant: Mutex<Option<Arc<ClientGrant>>>,
    pub(crate) lookups: AtomicUsize,
    epoch: AtomicU64,
    clock: ManualClock,
    /// How long a lookup of a client takes.
    pub(crate) client_takes: Mutex<Duration>,
    /// How many lookups of clients may end.
    pub(crate) client_lookups: Semaphore,
}

impl FakeDirectory {
    fn new(clock: ManualClock) -> Self {
        let (tenant, client, api, grant) = <(Mutex<_>, Mutex<_>, Mutex<_>, Mutex<_>)>::default();
        let (lookups, epoch) = <(AtomicUsize, AtomicU64)>::default();
        let client_lookups = Semaphore::new(Semaphore::MAX_PERMITS);
        Self { tenant, client, api, grant, lookups, epoch, clock, client_takes: Mutex::default(), client_lookups }
    }

    pub(crate) fn put_tenant(&self, tenant: Tenant) {
        *self.tenant.lock().unwrap() = Some(Arc::new(tenant));
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn put_client(&self, client: Client) {
        *self.client.lock().unwrap() = Some(Arc::new(client));
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// A copy of the client as it is now.
    pub(crate) fn client(&self) -> Option<Client> {
        self.client.lock().unwrap().as_deref().map(|client| Client {
            id: client.id.clone(),
            name: client.name.clone(),
            metadata: client.metadata.clone(),
            grant_types: client.grant_types.clone(),
            claim_mappings: client.claim_mappings.clone(),
            secrets: client.secrets.iter().map(copy_of).collect(),
            ..*client
        })
    }

    pub(crate) fn put_api(&self, api: ResourceServer) {
        *self.api.lock().unwrap() = Some(Arc::new(api));
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// `None`: there is no grant.
    pub(crate) fn put_grant(&self, scopes: Option<&str>) {
        let set = |text: &str| text.split_whitespace().map(|scope| scope.parse().unwrap()).collect();
        *self.grant.lock().unwrap() = scopes.map(|text| Arc::new(ClientGrant::new(set(text))));
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    fn count(&self) {
        self.lookups.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Directory for FakeDirectory {
    fn epoch(&self) -> Option<u64> {
        Some(self.epoch.load(Ordering::SeqCst))
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Arc<Tenant>>, PortError> {
        self.count();
        Ok(self.tenant.lock().unwrap().clone().filter(|tenant| tenant.id == *id))
    }

    async fn client(&self, _: &TenantId, id: &ClientId) -> Result<Option<Arc<Client>>, PortError> {
        self.count();
        self.client_lookups.acquire().await.unwrap().forget();
        self.clock.advance(*self.client_takes.lock().unwrap());
        Ok(self.client.lock().unwrap().clone().filter(|client| client.id == *id))
    }

    async fn resource_server(
        &self,
        _: &TenantId,
        audience: &Audience,
    ) -> Result<Option<Arc<ResourceServer>>, PortError> {
        self.count();
        Ok(self.api.lock().unwrap().clone().filter(|api| api.audience == *audience))
    }

    async fn client_grant(
        &self,
        _: &TenantId,
        _: &ClientId,
        _: &Audience,
    ) -> Result<Option<Arc<ClientGrant>>, PortError> {
        self.count();
        Ok(self.grant.lock().unwrap().clone())
    }
}

/// Signs nothing: the payload itself is the token. Remembers what was asked, and whether it is away.
#[derive(Default)]
pub(crate) struct FakeSigner(pub(crate) Mutex<Vec<(KeyRing, &'static str)>>, pub(crate) AtomicBool);

#[async_trait]
impl TokenSigner for FakeSigner {
    async fn sign(&self, ring: &KeyRing, token: Unsigned) -> Result<String, PortError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(PortError::Unavailable);
        }
        self.0.lock().unwrap().push((ring.clone(), token.typ));
        Ok(String::from_utf8(token.payload).unwrap())
    }
}

/// Does not wait, but remembers until when it should have.
#[derive(Default)]
pub(crate) struct FakeMetronome(pub(crate) Mutex<Vec<Duration>>);

#[async_trait]
impl Metronome for FakeMetronome {
    async fn wait_until(&self, reading: Duration) {
        self.0.lock().unwrap().push(reading);
    }
}

/// Remembers every use and every failure.
#[derive(Default)]
pub(crate) struct FakeUses(
    pub(crate) Mutex<Vec<(String, Timestamp)>>,
    pub(crate) Mutex<Vec<(Option<String>, Disbelief)>>,
);

impl UseLog for FakeUses {
    fn note(&self, _: &TenantId, secret_id: &Arc<str>, at: Timestamp) {
        self.0.lock().unwrap().push((secret_id.to_string(), at));
    }

    fn note_failure(&self, client: Option<&ClientId>, why: Disbelief) {
        self.1.lock().unwrap().push((client.map(ToString::to_string), why));
    }
}
