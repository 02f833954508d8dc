//! An edge with stand-ins around it, and requests to it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use mintage_api::consent::authorization_service_server::AuthorizationServiceServer;
use mintage_api::consent::session_service_server::SessionServiceServer;
use mintage_api::keys::key_set_service_server::KeySetServiceServer;
use mintage_api::keys::{GetKeySetResponse, PublicKey};
use mintage_api::registry::change_feed_service_server::ChangeFeedServiceServer;
use mintage_api::registry::registration_service_server::RegistrationServiceServer;
use mintage_api::registry::resolver_service_server::ResolverServiceServer;
use mintage_api::registry::{ErrorProfile, Tenant};
use mintage_api::token::token_service_server::TokenServiceServer;
use mintage_chassis::door::Scheme;
use mintage_chassis::source::ClientAddress;
use mintage_chassis::{Routes, ServiceName, Transport};
use mintage_clock::{ManualClock, Randomness, Timestamp};
use mintage_edge::{Doors, Edge, Settings, build};
use mintage_jose::{Algorithm, PrivateKey};
use tokio::time::timeout;
use tower::ServiceExt;

use crate::desk::Desk;
use crate::registrar::Registrar;
use crate::siblings::{Keys, Registry, Tokens};

pub const RFC_HOST: &str = "rfc.example";
pub const AUTH0_HOST: &str = "auth0.example";
/// Of one tenant, as is the other.
pub const CUSTOM_HOST: &str = "login.custom.example";
pub const OTHER_CUSTOM_HOST: &str = "custom.example";
pub const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
pub const FORM: &str = "application/x-www-form-urlencoded";
pub const GOOD: &str =
    "grant_type=client_credentials&client_id=alpha&client_secret=s3cret&audience=https%3A%2F%2Fapi%2F";

/// An edge that serves tenant `rfc` on https://rfc.example and tenant `auth0` on https://auth0.example.
pub struct Rig {
    pub router: Router,
    pub tokens: Arc<Tokens>,
    pub registry: Arc<Registry>,
    pub keys: Arc<Keys>,
    pub desk: Arc<Desk>,
    pub registrar: Arc<Registrar>,
    pub clock: ManualClock,
    _edge: Edge,
}

impl Rig {
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let tokens = Arc::new(Tokens::default());
        let transport = in_process(Routes::new(TokenServiceServer::from_arc(Arc::clone(&tokens))));
        Self::through(settings, tokens, transport).await
    }

    /// With a transport to the token service other than the usual.
    pub async fn through(settings: Settings, tokens: Arc<Tokens>, token: Transport) -> Self {
        let registry = Arc::new(Registry::default());
        registry.write(&tenant("rfc", RFC_HOST, ErrorProfile::Rfc));
        registry.write(&tenant("auth0", AUTH0_HOST, ErrorProfile::Auth0));
        let mut custom = tenant("custom", CUSTOM_HOST, ErrorProfile::Rfc);
        custom.origins.push(format!("https://{OTHER_CUSTOM_HOST}"));
        registry.write(&custom);
        let keys = Arc::new(Keys::answering(key_set(7)));
        let clock = ManualClock::at(Timestamp::from_unix_seconds(1_800_000_000));
        let (desk, registrar) = (Arc::new(Desk::default()), Arc::new(Registrar::default()));
        let registry_routes = Routes::new(ResolverServiceServer::from_arc(Arc::clone(&registry)))
            .add_service(ChangeFeedServiceServer::from_arc(Arc::clone(&registry)))
            .add_service(RegistrationServiceServer::from_arc(Arc::clone(&registrar)));
        let consent_routes = Routes::new(AuthorizationServiceServer::from_arc(Arc::clone(&desk)))
            .add_service(SessionServiceServer::from_arc(Arc::clone(&desk)));
        let doors = Doors {
            token,
            consent: in_process(consent_routes),
            registry: in_process(registry_routes),
            keys: in_process(Routes::new(KeySetServiceServer::from_arc(Arc::clone(&keys)))),
            clock: clock.clock(),
            randomness: Randomness::seeded(1),
        };
        let edge = build(settings, doors).unwrap();
        let router = edge.router.clone();
        let rig = Self { router, tokens, registry, keys, desk, registrar, clock, _edge: edge };
        rig.until_ready().await;
        rig
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        send(self.router.clone(), request).await
    }

    pub async fn form(&self, body: impl Into<Body>) -> Answer {
        self.send(token_request(RFC_HOST, FORM, body)).await
    }

    pub async fn json(&self, body: impl Into<Body>) -> Answer {
        self.send(token_request(RFC_HOST, "application/json", body)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, RFC_HOST).body(Body::empty()).unwrap()).await
    }

    async fn until_ready(&self) {
        let ready = async {
            while self.get("/readyz").await.status != StatusCode::OK {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), ready).await.expect("the edge becomes ready");
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| serde_json::Value::Null)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.json().get("error").and_then(|error| error.as_str()).unwrap_or_default().to_owned())
    }

    pub fn has_no_cors(&self) -> bool {
        self.headers.keys().all(|name| !name.as_str().starts_with("access-control-"))
    }
}

pub async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status, headers: head.headers, body: String::from_utf8(body.into()).unwrap() }
}

pub fn request(method: Method, path: &str, host: &str) -> http::request::Builder {
    let request = Request::builder().method(method).uri(path).header(HOST, host);
    request.extension(Scheme::Https).extension(ClientAddress(SOURCE))
}

pub fn token_request(host: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, "/oauth/token", host).header(CONTENT_TYPE, content_type).body(body.into()).unwrap()
}

/// A body that says nothing of its length before it ends.
pub fn chunked(chunks: Vec<&'static str>) -> Body {
    Body::from_stream(futures::stream::iter(chunks.into_iter().map(|chunk| Ok::<_, Infallible>(Bytes::from(chunk)))))
}

pub fn in_process(routes: Routes) -> Transport {
    Transport::in_process(ServiceName::EDGE, routes)
}

pub fn tenant(id: &str, host: &str, profile: ErrorProfile) -> Tenant {
    let mut tenant = Tenant { id: id.to_owned(), origins: vec![format!("https://{host}")], ..Tenant::default() };
    tenant.set_error_profile(profile);
    tenant
}

pub fn key_set(version: u64) -> GetKeySetResponse {
    let keys = [Algorithm::Es256, Algorithm::EdDsa].map(|algorithm| {
        let key = PrivateKey::generate(algorithm, &Randomness::seeded(version)).unwrap();
        let jwk = key.public_jwk().unwrap();
        PublicKey { kid: key.kid().to_string(), jwk: jwk.to_string(), ..PublicKey::default() }
    });
    GetKeySetResponse { keys: keys.into(), version, max_age_seconds: 15, replica_lag_seconds: 10 }
}
