//! What users granted is signed before it is taken, and for nothing but what was granted.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::sync::atomic::Ordering;

use mintage_jose::Algorithm;
use mintage_oauth::{ClientType, Party, ScopeSet};
use mintage_token::domain::ports::PortError;
use mintage_token::domain::records::ResourceServer;
use mintage_token::domain::{Authorization, Grant, IssueError, TokenRequest};
use serde_json::json;

use super::consent::{FakeConsent, authorization};
use super::fakes::{API, World, api};
use super::user_grants::{claims, code, refresh};

impl World {
    /// With a code `c` and a refresh token `r` that somebody gave the client.
    fn with_grants() -> Self {
        let world = Self::new();
        world.let_all(Party::First, ClientType::Confidential);
        world.give_code("c", "", authorization("read:it write:it"));
        world.give_refresh_token("r", authorization("read:it write:it"));
        world
    }

    fn meanwhile(&self, change: impl FnOnce(&FakeConsent) + Send + 'static) {
        *self.consent.in_between.lock().unwrap() = Some(Box::new(change));
    }
}

fn both() -> [(&'static str, Grant); 2] {
    [("c", code("c", "")), ("r", refresh("r"))]
}

#[tokio::test]
async fn where_no_signature_comes_nothing_is_used_up() {
    let world = World::with_grants();
    world.signer.1.store(true, Ordering::SeqCst);
    for (name, grant) in both() {
        for _ in 0..3 {
            let refused = world.by(grant.clone()).await.unwrap_err();
            assert_eq!(refused, IssueError::Port(PortError::Unavailable));
        }
        assert!(!world.consent.asked().contains(&format!("take {name}")));
    }
    world.signer.1.store(false, Ordering::SeqCst);
    for (_, grant) in both() {
        let issued = world.by(grant).await.unwrap();
        assert_eq!(issued.refresh_token.unwrap().as_str(), "next", "that of the taking");
    }
}

#[tokio::test]
async fn what_somebody_else_takes_meanwhile_gives_nothing_though_it_is_signed() {
    for (_, grant) in both() {
        let world = World::with_grants();
        world.meanwhile(|consent| {
            consent.codes.lock().unwrap().clear();
            consent.refresh_tokens.lock().unwrap().clear();
        });
        assert_eq!(world.by(grant).await.unwrap_err(), IssueError::GrantInvalid);
        assert_eq!(world.signer.0.lock().unwrap().len(), 1, "it was signed and thrown away");
    }
}

#[tokio::test]
async fn what_is_taken_back_meanwhile_stands_in_no_token() {
    for (_, grant) in both() {
        let world = World::with_grants();
        world.meanwhile(|consent| {
            let narrowed = || authorization("read:it");
            consent.codes.lock().unwrap().values_mut().for_each(|given| given.authorization = narrowed());
            consent.refresh_tokens.lock().unwrap().values_mut().for_each(|given| given.authorization = narrowed());
        });
        let issued = world.by(grant).await.unwrap();
        assert_eq!(
            (issued.scopes.to_delimited().as_str(), issued.refresh_token.unwrap().as_str()),
            ("read:it", "next")
        );
        assert_eq!(claims(&issued.access_token)["scope"], "read:it");
    }
}

#[tokio::test]
async fn b2_a_grant_of_a_user_is_for_the_api_that_was_granted_whatever_is_asked_for() {
    for (_, grant) in both() {
        let world = World::with_grants();
        let ask = async |audience: &str| {
            let audience = Some(audience.parse().unwrap());
            world.mint.issue(&TokenRequest { grant: grant.clone(), audience, ..world.request() }).await
        };
        let other = "https://other.example/";
        let refused = IssueError::AudienceNotGranted { audience: other.parse().unwrap() };
        assert_eq!(ask(other).await.unwrap_err(), refused);
        assert!(world.signer.0.lock().unwrap().is_empty());
        assert_eq!(claims(&ask(API).await.unwrap().access_token)["aud"], API, "and it was not used up");
    }
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_a_code_for_nothing_else() {
    let scopes = Some(ScopeSet::parse_delimited("write:it").unwrap());
    for (grant, given) in [(refresh("r"), "write:it"), (code("c", ""), "read:it write:it")] {
        let world = World::with_grants();
        let request = TokenRequest { grant, audience: None, scopes: scopes.clone(), ..world.request() };
        assert_eq!(world.mint.issue(&request).await.unwrap().scopes.to_delimited(), given);
    }
}

#[tokio::test]
async fn a_token_that_an_api_could_have_signed_itself_never_opens_the_userinfo_endpoint() {
    let world = World::with_grants();
    world.registry.put_api(ResourceServer { algorithm: Algorithm::Hs256, ..api() });
    world.give_code("o", "", Authorization { nonce: None, ..authorization("openid read:it") });
    let issued = world.by(code("o", "")).await.unwrap();
    assert_eq!((issued.algorithm, &claims(&issued.access_token)["aud"]), (Algorithm::Hs256, &json!(API)));
    assert_eq!(claims(&issued.id_token.unwrap())["sub"], "usr_ada", "the client is told all the same");
}
