//! What stands in a token.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::fmt;

use mintage_oauth::{ClaimMapping, Metadata, TokenProfile};
use mintage_token::domain::records::{Client, ResourceServer};
use mintage_token::domain::{IssueError, MAX_PAYLOAD_BYTES};
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::fakes::{START, World, api};

fn mapping(source: &str, claim: &str) -> ClaimMapping {
    ClaimMapping { source: source.parse().unwrap(), claim: claim.parse().unwrap() }
}

fn pretty(token: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<Value>(token).unwrap()).unwrap()
}

/// A world whose client has metadata, and whose API reads them.
fn world_with_static_claims(profile: TokenProfile) -> World {
    let world = World::new();
    let metadata = Metadata::from_pairs([("team", "tin"), ("region", "eu")]).unwrap();
    let claim_mappings =
        vec![mapping("region", "https://example.com/region"), mapping("team", "https://example.com/who")];
    world.registry.put_client(Client { metadata, claim_mappings, ..world.client() });
    let claim_mappings =
        vec![mapping("client.name", "https://example.com/who"), mapping("absent", "https://example.com/absent")];
    world.registry.put_api(ResourceServer { profile, claim_mappings, ..api() });
    world
}

#[tokio::test]
async fn auth0s_profile_has_its_claims_in_its_order() {
    let world = world_with_static_claims(TokenProfile::AccessToken);
    let issued = world.issue().await.unwrap();
    assert_eq!(world.signer.0.lock().unwrap().last().unwrap().1, "JWT");
    insta::assert_snapshot!(pretty(&issued.access_token), @r#"
    {
      "iss": "https://login.example/",
      "sub": "client-1@clients",
      "aud": "https://api.example/",
      "iat": 1763000000,
      "exp": 1763003600,
      "scope": "read:it write:it",
      "gty": "client-credentials",
      "azp": "client-1",
      "https://example.com/who": "Tin \"Can\" Works",
      "https://example.com/region": "eu"
    }
    "#);
}

#[tokio::test]
async fn rfc_9068s_profile_has_its_claims_in_its_order() {
    let world = world_with_static_claims(TokenProfile::Rfc9068);
    let issued = world.issue().await.unwrap();
    assert_eq!(world.signer.0.lock().unwrap().last().unwrap().1, "at+jwt");
    let claims: Value = serde_json::from_str(&issued.access_token).unwrap();
    let jti = claims["jti"].as_str().unwrap();
    assert!(jti.len() == 22 && jti.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{jti}");
    insta::assert_snapshot!(pretty(&issued.access_token.replace(jti, "[jti]")), @r#"
    {
      "iss": "https://login.example/",
      "sub": "client-1@clients",
      "aud": "https://api.example/",
      "iat": 1763000000,
      "exp": 1763003600,
      "scope": "read:it write:it",
      "jti": "[jti]",
      "client_id": "client-1",
      "https://example.com/who": "Tin \"Can\" Works",
      "https://example.com/region": "eu"
    }
    "#);
}

#[tokio::test]
async fn no_two_tokens_share_a_jti() {
    let world = world_with_static_claims(TokenProfile::Rfc9068);
    assert_ne!(world.issue().await.unwrap().access_token, world.issue().await.unwrap().access_token);
}

#[tokio::test]
async fn b10_a_machines_subject_is_marked_as_one_in_both_profiles() {
    for profile in [TokenProfile::AccessToken, TokenProfile::Rfc9068] {
        let world = World::new();
        world.registry.put_api(ResourceServer { profile, ..api() });
        for id in ["auth0", "google-oauth2", "admin", "0"] {
            world.registry.put_client(Client { id: id.parse().unwrap(), ..world.client() });
            let issued = world.try_secret(id, world.secret.expose()).await.unwrap();
            let claims: Value = serde_json::from_str(&issued.access_token).unwrap();
            assert_eq!(claims["sub"], format!("{id}@clients"));
        }
    }
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused_before_signing() {
    let world = World::new();
    let long = "\u{1}".repeat(255);
    let pairs: Vec<_> = (0..10).map(|n| (format!("key{n}"), long.clone())).collect();
    let claim = |n, whose| mapping(&format!("key{n}"), &format!("https://example.com/{whose}/{n}"));
    let of_client = (0..10).map(|n| claim(n, "client")).collect();
    let metadata = Metadata::from_pairs(pairs).unwrap();
    world.registry.put_client(Client { metadata, claim_mappings: of_client, ..world.client() });
    let claim_mappings = (0..10).map(|n| claim(n, "api")).collect();
    world.registry.put_api(ResourceServer { claim_mappings, ..api() });
    assert_eq!(world.issue().await.unwrap_err(), IssueError::TokenTooLarge { limit: MAX_PAYLOAD_BYTES });
    assert!(world.signer.0.lock().unwrap().is_empty());
}

/// Every member of a JSON object, repeated ones too.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

proptest! {
    #[test]
    fn whatever_operators_write_a_token_is_one_object_with_each_name_once(
        name in "\\PC{1,128}",
        value in "[^\0]{0,255}",
        claims in prop::collection::vec("https?://[a-z]{1,3}\\.example/[a-c]{0,1}", 0..8),
        first_of_api in 0_usize..8,
        lifetime in 1_u64..=2_592_000,
    ) {
        let world = World::new();
        let mut of_client: Vec<_> = claims.iter().map(|claim| mapping("key", claim)).collect();
        let of_api = of_client.split_off(first_of_api.min(of_client.len()));
        let metadata = Metadata::from_pairs([("key", value.clone())]).unwrap();
        world.registry.put_client(Client { name, metadata, claim_mappings: of_client, ..world.client() });
        let lifetime = mintage_oauth::TokenLifetime::from_seconds(lifetime).unwrap();
        world.registry.put_api(ResourceServer { claim_mappings: of_api, lifetime, ..api() });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let issued = runtime.block_on(world.issue()).unwrap();
        let Members(members) = serde_json::from_str(&issued.access_token).unwrap();
        let mut names: Vec<_> = members.iter().map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), members.len());
        let get = |name: &str| members.iter().find(|(member, _)| member == name).map(|(_, value)| value.clone());
        for claim in &claims {
            prop_assert_eq!(get(claim), Some(Value::from(value.as_str())));
        }
        prop_assert_eq!(get("iat"), Some(START.unix_seconds().into()));
        prop_assert_eq!(get("exp"), Some((START.unix_seconds() + i64::from(lifetime.as_seconds())).into()));
    }
}
