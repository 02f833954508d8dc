//! What the tests live in: a database of their own, a clock that stands still, as many replicas as they like.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_chassis::{ServiceName, Transport};
use mintage_clock::{ManualClock, Randomness};
use mintage_jose::seal::{MasterKey, MasterKeys};
use mintage_jose::{Algorithm, Jwk, VerifyingKey};
use mintage_key_management::custody::{Custody, Pin, Token};
use mintage_key_management::domain::rotate::Rotation;
use mintage_key_management::domain::{Author, Cause, KeysError, Ready, RingName};
use mintage_key_management::signing::{Keys, Order, Parts, TokenType};
use mintage_key_management::store::KeyStore;
use mintage_key_management::{Doors, Settings, migrate};
use mintage_oauth::{TenantId, TokenLifetime};
use mintage_store::Database;
use mintage_testkit::{TestDatabase, manual_clock};

use crate::registry::FakeRegistry;

pub(crate) struct House {
    pub(crate) test: TestDatabase,
    pub(crate) clock: ManualClock,
    pub(crate) settings: Settings,
    pub(crate) registry: FakeRegistry,
    /// What is made inside it where the settings say so.
    pub(crate) token: Option<Arc<Token>>,
    pub(crate) pin: Option<Pin>,
}

impl House {
    /// An empty, migrated database.
    pub(crate) async fn on(test: TestDatabase) -> Self {
        migrate(&test.connect().await).await.expect("migrated");
        Self {
            test,
            clock: manual_clock(),
            settings: Settings::default(),
            registry: FakeRegistry::new(),
            token: None,
            pin: None,
        }
    }

    pub(crate) async fn on_sqlite() -> Self {
        Self::on(TestDatabase::sqlite()).await
    }

    /// A replica with a pool and a memory of its own.
    pub(crate) async fn replica(&self) -> Replica {
        self.replica_with(master().into()).await
    }

    /// The same, with other master keys.
    pub(crate) async fn replica_with(&self, masters: MasterKeys) -> Replica {
        self.replica_on(self.test.connect().await, masters).await
    }

    /// The same, on another database.
    pub(crate) async fn replica_on(&self, database: Database, masters: MasterKeys) -> Replica {
        let parts = Parts {
            store: KeyStore::new(database.clone()),
            custody: Custody::new(Arc::new(masters), self.token.clone(), self.settings.custody),
            policy: self.settings.policy().expect("a policy"),
            clock: self.clock.clock(),
            randomness: Randomness::system(),
            signing_threads: self.settings.signing_threads,
            token_sessions: self.settings.pkcs11.sessions,
            max_waiting_signatures: self.settings.max_waiting_signatures,
            rsa: self.settings.rsa_size().expect("a size"),
            registry: self.registry(),
            watching: self.settings.watch,
            record_retention: self.settings.record_retention,
        };
        Replica { keys: Arc::new(Keys::open(parts).await.expect("keys")), database }
    }

    pub(crate) async fn doors(&self) -> Doors {
        self.doors_with(master().into()).await
    }

    /// The same, with other master keys.
    pub(crate) async fn doors_with(&self, master_keys: MasterKeys) -> Doors {
        Doors {
            database: self.test.connect().await,
            master_keys,
            pin: self.pin.clone(),
            registry: self.registry(),
            clock: self.clock.clock(),
            randomness: Randomness::system(),
        }
    }

    fn registry(&self) -> Transport {
        Transport::in_process(ServiceName::KEY_MANAGEMENT, self.registry.routes())
    }

    pub(crate) fn wait(&self, length: Duration) {
        self.clock.advance(length);
    }
}

pub(crate) struct Replica {
    pub(crate) keys: Arc<Keys>,
    pub(crate) database: Database,
}

impl Replica {
    pub(crate) fn store(&self) -> &KeyStore {
        self.keys.store()
    }

    /// Makes a ring for tokens that live for a day.
    pub(crate) async fn ensure(&self, ring: &RingName) -> Result<(), KeysError> {
        self.keys.ensure(ring, TokenLifetime::default(), &by_operator()).await
    }

    pub(crate) async fn rotate(&self, ring: &RingName) -> Result<Rotation, KeysError> {
        self.keys.rotate(ring, Ready::Needed, &by_operator()).await
    }

    pub(crate) async fn remove(&self, ring: &RingName) -> Result<(), KeysError> {
        self.keys.remove(ring, &by_operator()).await
    }

    /// Signs one token and returns it with the kid in its header.
    pub(crate) async fn sign(&self, ring: &RingName) -> (String, String) {
        self.sign_for(ring, TokenLifetime::default()).await
    }

    /// The same of a token with another life.
    pub(crate) async fn sign_for(&self, ring: &RingName, lifetime: TokenLifetime) -> (String, String) {
        let order = Order { lifetime, ..order_of(ring) };
        let mut signed = self.keys.sign(vec![Ok(order)]).await.expect("a batch");
        let token = signed.remove(0).expect("a token");
        let kid = kid_of(&token);
        (token, kid)
    }
}

/// One small token, for a day.
pub(crate) fn order_of(ring: &RingName) -> Order {
    let lifetime = TokenLifetime::default();
    Order { ring: ring.clone(), typ: TokenType::Jwt, payload: b"{}".to_vec(), lifetime }
}

/// An operator did it.
pub(crate) fn by_operator() -> Cause {
    Cause::of(Author::Operator("op".into()))
}

pub(crate) fn master() -> MasterKey {
    MasterKey::from_bytes(&[7; 32])
}

pub(crate) fn ring(algorithm: Algorithm) -> RingName {
    ring_of("default", algorithm)
}

pub(crate) fn ring_of(tenant: &str, algorithm: Algorithm) -> RingName {
    let tenant: TenantId = tenant.parse().expect("a tenant");
    let api = algorithm.is_symmetric().then(|| "api_1".parse().expect("an api"));
    RingName::new(tenant, algorithm, api).expect("a ring")
}

pub(crate) fn kid_of(token: &str) -> String {
    let header = token.split('.').next().expect("a header");
    let header: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["kid"].as_str().expect("a kid").to_owned()
}

/// Checks a token against a JWK as it is served.
pub(crate) fn verifies(token: &str, jwk: &str) -> bool {
    let jwk: Jwk = jwk.parse().expect("a JWK");
    let (input, signature) = token.rsplit_once('.').expect("a JWS");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    VerifyingKey::new(&jwk).expect("a key").verify(input.as_bytes(), &signature).is_ok()
}
