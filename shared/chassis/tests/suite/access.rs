//! Which operator tokens the guard believes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use mintage_chassis::Routes;
use mintage_chassis::access::{
    Caller, Guard, KeyResolver, MANAGEMENT_AUDIENCE, OperatorDirectory, ResolvedKey, Row, Standing,
};
use mintage_chassis::status::unavailable;
use mintage_clock::{ManualClock, Randomness, Timestamp};
use mintage_jose::{Algorithm, Kid, PrivateKey, Signer, VerifyingKey};
use mintage_oauth::{ClientId, ScopeSet, TenantId};
use tonic::body::Body;
use tonic::{Code, Status, async_trait};
use tower::ServiceExt;

use super::answering::Answering;

const ROWS: &[Row] = &[
    Row { method: "/test.Keys/Read", caller: Caller::Operator { any_of: &["read:keys", "read:all"] } },
    Row {
        method: "/test.Keys/Rotate",
        caller: Caller::OperatorAll { all_of: &["create:signing_keys", "update:signing_keys"] },
    },
    Row { method: "/test.Keys/Watch", caller: Caller::AnyoneOrOperator { any_of: &["read:keys"] } },
    Row { method: "/test.Keys/Remove", caller: Caller::Operator { any_of: &["delete:keys"] } },
];

const ISSUER: &str = "https://mint.test/";
const SCOPES: &str = "read:keys update:signing_keys";

/// A guarded service, two tenants with a key each, and an operator of tenant `default`.
struct Rig {
    clock: ManualClock,
    routes: Routes,
    own: PrivateKey,
    other: PrivateKey,
    operators: Arc<Operators>,
}

impl Rig {
    fn new() -> Self {
        let clock = ManualClock::at(Timestamp::from_unix_seconds(1_763_000_000));
        let randomness = Randomness::seeded(3);
        let key = || PrivateKey::generate(Algorithm::Es256, &randomness).unwrap();
        let (own, other) = (key(), key());
        let keys = Keys(vec![("default", verifying(&own)), ("other", verifying(&other))]);
        let operators = Arc::new(Operators(Mutex::new(Ok(Some(standing(SCOPES))))));
        let guard = Guard::new(ROWS, Arc::new(keys), Arc::clone(&operators) as _, clock.clock());
        Self { clock, routes: guard.around(Routes::new(Answering(|_| Code::Ok))), own, other, operators }
    }

    fn claims(&self) -> Claims {
        let now = self.clock.now().unix_seconds();
        Claims {
            issuer: ISSUER,
            audience: MANAGEMENT_AUDIENCE,
            issued_at: now,
            expires_at: now + 600,
            client: "\"client_id\":\"op\"",
            scope: SCOPES,
        }
    }

    async fn call(&self, method: &str, token: &str) -> Result<(), Status> {
        self.send(Request::post(method).header("authorization", format!("Bearer {token}"))).await
    }

    async fn read(&self, token: &str) -> Result<(), Status> {
        self.call("/test.Keys/Read", token).await
    }

    async fn send(&self, request: http::request::Builder) -> Result<(), Status> {
        let answer = self.routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        match Status::from_header_map(answer.headers()) {
            Some(status) if status.code() != Code::Ok => Err(status),
            _ => Ok(()),
        }
    }
}

struct Claims {
    issuer: &'static str,
    audience: &'static str,
    issued_at: i64,
    expires_at: i64,
    client: &'static str,
    scope: &'static str,
}

impl Claims {
    fn signed(&self, typ: &str, key: &PrivateKey) -> String {
        let Self { issuer, audience, issued_at, expires_at, client, scope } = self;
        let json = format!(
            r#"{{"iss":"{issuer}","sub":"op@clients","aud":"{audience}","iat":{issued_at},"exp":{expires_at},"scope":"{scope}",{client}}}"#
        );
        Signer::new(key).unwrap().sign_compact(typ, json.as_bytes()).unwrap()
    }
}

struct Keys(Vec<(&'static str, Arc<VerifyingKey>)>);

#[async_trait]
impl KeyResolver for Keys {
    async fn resolve(&self, kid: &Kid) -> Result<Option<ResolvedKey>, Status> {
        let found = self.0.iter().find(|(_, key)| key.kid() == kid);
        Ok(found.map(|(tenant, key)| ResolvedKey { tenant: tenant.parse().unwrap(), key: Arc::clone(key) }))
    }
}

/// How client `op` of tenant `default` stands.
struct Operators(Mutex<Result<Option<Standing>, Status>>);

impl Operators {
    fn say(&self, answer: Result<Option<Standing>, Status>) {
        *self.0.lock().unwrap() = answer;
    }
}

#[async_trait]
impl OperatorDirectory for Operators {
    async fn standing(&self, tenant: &TenantId, client_id: &ClientId) -> Result<Option<Standing>, Status> {
        let known = tenant.as_str() == "default" && client_id.as_str() == "op";
        Ok(self.0.lock().unwrap().clone()?.filter(|_| known))
    }
}

fn standing(scopes: &str) -> Standing {
    Standing { issuers: vec![ISSUER.to_owned()], scopes: ScopeSet::parse_delimited(scopes).unwrap() }
}

fn verifying(key: &PrivateKey) -> Arc<VerifyingKey> {
    Arc::new(VerifyingKey::new(&key.public_jwk().unwrap()).unwrap())
}

fn code(outcome: Result<(), Status>) -> Code {
    outcome.map_or_else(|status| status.code(), |()| Code::Ok)
}

#[tokio::test]
async fn only_a_token_of_this_suite_for_its_management_is_believed() {
    let rig = Rig::new();
    let (good, now) = (rig.claims(), rig.clock.now().unix_seconds());
    assert_eq!(code(rig.read(&good.signed("at+jwt", &rig.own)).await), Code::Ok);
    let foreign = PrivateKey::generate(Algorithm::Es256, &Randomness::seeded(9)).unwrap();
    let (own, theirs) = (good.signed("at+jwt", &rig.own), good.signed("at+jwt", &foreign));
    let forged = format!("{}.{}", own.rsplit_once('.').unwrap().0, theirs.rsplit_once('.').unwrap().1);
    for (why, token) in [
        ("expired", Claims { expires_at: now - 30, ..rig.claims() }.signed("at+jwt", &rig.own)),
        ("of the future", Claims { issued_at: now + 31, ..rig.claims() }.signed("at+jwt", &rig.own)),
        ("of another type", good.signed("JWT", &rig.own)),
        ("an ID token", good.signed("id+jwt", &rig.own)),
        ("for another audience", Claims { audience: "https://api.test/", ..rig.claims() }.signed("at+jwt", &rig.own)),
        ("of another issuer", Claims { issuer: "https://evil.test/", ..rig.claims() }.signed("at+jwt", &rig.own)),
        ("signed by a key of another tenant", good.signed("at+jwt", &rig.other)),
        ("signed by a key that nobody knows", good.signed("at+jwt", &foreign)),
        ("with the signature of another key", forged),
        ("of no client", Claims { client: "\"x\":1", ..rig.claims() }.signed("at+jwt", &rig.own)),
        (
            "of an unknown client",
            Claims { client: "\"client_id\":\"nobody\"", ..rig.claims() }.signed("at+jwt", &rig.own),
        ),
        ("empty", String::new()),
        ("nonsense", "a.b.c".to_owned()),
    ] {
        assert_eq!(code(rig.read(&token).await), Code::Unauthenticated, "a token {why}");
    }
}

#[tokio::test]
async fn a_token_dies_when_its_life_is_over() {
    let rig = Rig::new();
    let token = rig.claims().signed("at+jwt", &rig.own);
    rig.clock.advance(Duration::from_secs(629));
    assert_eq!(code(rig.read(&token).await), Code::Ok, "clocks may stand 30 s apart");
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(code(rig.read(&token).await), Code::Unauthenticated);
}

#[tokio::test]
async fn a_token_stands_in_one_bearer_header() {
    let rig = Rig::new();
    let token = rig.claims().signed("at+jwt", &rig.own);
    let bearer = format!("bearer {token}");
    assert_eq!(code(rig.send(Request::post("/test.Keys/Read").header("authorization", &bearer)).await), Code::Ok);
    let none = Request::post("/test.Keys/Read");
    let basic = Request::post("/test.Keys/Read").header("authorization", format!("Basic {token}"));
    let two = Request::post("/test.Keys/Read").header("authorization", &bearer).header("authorization", &bearer);
    for request in [none, basic, two] {
        assert_eq!(code(rig.send(request).await), Code::Unauthenticated);
    }
}

#[tokio::test]
async fn b32_a_token_is_worth_what_its_client_may_do_now() {
    let rig = Rig::new();
    let token = rig.claims().signed("at+jwt", &rig.own);
    for (now, expected) in [
        (Ok(Some(standing(SCOPES))), Code::Ok),
        (Ok(Some(standing("update:signing_keys"))), Code::PermissionDenied),
        (Ok(Some(standing("read:all"))), Code::PermissionDenied),
        (Ok(None), Code::Unauthenticated),
        (Err(unavailable("not now")), Code::Unavailable),
        (Ok(Some(standing("read:keys delete:keys"))), Code::Ok),
    ] {
        rig.operators.say(now);
        assert_eq!(code(rig.read(&token).await), expected);
    }
}

#[tokio::test]
async fn a_refusal_says_which_scopes_are_needed() {
    let rig = Rig::new();
    let token = Claims { scope: "update:signing_keys", ..rig.claims() }.signed("at+jwt", &rig.own);
    for (method, message) in [
        ("/test.Keys/Read", "the operator needs one of the scopes read:keys read:all"),
        ("/test.Keys/Rotate", "the operator needs all of the scopes create:signing_keys update:signing_keys"),
        ("/test.Keys/Remove", "the operator needs the scope delete:keys"),
    ] {
        let status = rig.call(method, &token).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::PermissionDenied, message));
    }
    assert_eq!(code(rig.call("/test.Keys/WithoutRow", &token).await), Code::PermissionDenied);
}

#[tokio::test]
async fn who_shows_a_token_where_none_is_needed_must_prove_it_all_the_same() {
    let rig = Rig::new();
    let watch = async |token: &str| code(rig.call("/test.Keys/Watch", token).await);
    assert_eq!(code(rig.send(Request::post("/test.Keys/Watch")).await), Code::Ok, "anyone may");
    assert_eq!(watch(&rig.claims().signed("at+jwt", &rig.own)).await, Code::Ok);
    let expired = Claims { expires_at: rig.clock.now().unix_seconds() - 60, ..rig.claims() };
    assert_eq!(watch(&expired.signed("at+jwt", &rig.own)).await, Code::Unauthenticated);
    let narrow = Claims { scope: "update:signing_keys", ..rig.claims() };
    assert_eq!(watch(&narrow.signed("at+jwt", &rig.own)).await, Code::PermissionDenied);
    assert_eq!(watch("").await, Code::Unauthenticated, "an empty token is no missing one");
    let basic = Request::post("/test.Keys/Watch").header("authorization", "Basic b3A6");
    assert_eq!(code(rig.send(basic).await), Code::Unauthenticated);
    rig.operators.say(Ok(None));
    assert_eq!(watch(&rig.claims().signed("at+jwt", &rig.own)).await, Code::Unauthenticated, "its client is gone");
}
