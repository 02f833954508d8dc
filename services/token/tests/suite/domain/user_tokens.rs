//! What stands in the tokens of a user.

use mintage_jose::{Algorithm, digest};
use mintage_oauth::{ClientType, Party, TokenProfile};
use mintage_token::domain::records::ResourceServer;
use mintage_token::domain::{Authorization, IssueError};
use proptest::prelude::*;
use serde_json::json;

use super::consent::authorization;
use super::fakes::{API, CLIENT, START, World, api, tenant};
use super::user_grants::{OPENID, claims, code, password, refresh};

#[tokio::test]
async fn a_code_gives_an_access_token_for_the_user_with_auth0s_claims_in_their_order() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    world.give_code("c", "", authorization("read:it openid"));
    let issued = world.by(code("c", "")).await.unwrap();
    insta::assert_snapshot!(issued.access_token, @r#"{"iss":"https://login.example/","sub":"usr_ada","aud":["https://api.example/","https://login.example/userinfo"],"iat":1763000000,"exp":1763003600,"scope":"read:it openid","azp":"client-1"}"#);
    assert_eq!(issued.refresh_token.unwrap().as_str(), "next");
    assert_eq!((issued.expires_in, issued.scopes.to_delimited().as_str()), (3600, "read:it openid"));
}

#[tokio::test]
async fn a_token_of_rfc_9068s_profile_has_its_own_claims() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    world.registry.put_api(ResourceServer { profile: TokenProfile::Rfc9068, ..api() });
    world.give_code("c", "", authorization("read:it"));
    let issued = world.by(code("c", "")).await.unwrap();
    let told = claims(&issued.access_token);
    assert_eq!((&told["aud"], &told["client_id"]), (&json!(API), &json!(CLIENT)));
    assert!(told["jti"].is_string() && told.get("azp").is_none() && told.get("gty").is_none());
    assert_eq!(world.last_ring(), (Algorithm::Es256, "at+jwt"));
    assert_eq!(issued.id_token, None, "only with openid");
}

#[tokio::test]
async fn gty_tells_of_passwords_and_refresh_tokens_and_of_no_code() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    world.give_code("c", "", authorization("read:it"));
    world.give_refresh_token("r", authorization("read:it"));
    world.know_ada(authorization("read:it"));
    world.registry.put_tenant(tenant(Some(API)));
    for (grant, gty) in
        [(code("c", ""), json!(null)), (refresh("r"), json!("refresh_token")), (password("correct"), json!("password"))]
    {
        assert_eq!(claims(&world.by(grant).await.unwrap().access_token)["gty"], gty);
    }
}

#[tokio::test]
async fn an_id_token_tells_the_client_who_the_user_is_and_what_goes_beside_it() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    world.give_code("c", "", authorization(&format!("read:it {OPENID}")));
    let issued = world.by(code("c", "")).await.unwrap();
    assert_eq!(world.last_ring(), (Algorithm::Es256, "JWT"));
    let told = claims(issued.id_token.as_ref().unwrap());
    let expected = json!({
        "iss": "https://login.example/",
        "sub": "usr_ada",
        "aud": CLIENT,
        "iat": START.unix_seconds(),
        "exp": START.unix_seconds() + 3600,
        "auth_time": START.unix_seconds(),
        "nonce": "n-1",
        "at_hash": digest::left_half(Algorithm::Es256, &issued.access_token),
        "sid": "ses_1",
        "name": "Ada \"the\" Minter",
        "updated_at": START.unix_seconds(),
        "email": "ada@example.com",
        "email_verified": true,
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_id_token_tells_no_more_than_its_scopes_whatever_is_known() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    for (scopes, told, hidden) in [
        ("openid", &[][..], &["name", "updated_at", "email", "email_verified"][..]),
        ("openid profile", &["name", "updated_at"], &["email", "email_verified"]),
        ("openid email", &["email", "email_verified"], &["name", "updated_at"]),
    ] {
        let bare = Authorization { nonce: None, auth_time: None, session_id: None, ..authorization(scopes) };
        world.give_code("c", "", bare);
        let id_token = claims(&world.by(code("c", "")).await.unwrap().id_token.unwrap());
        assert!(told.iter().all(|name| id_token.get(*name).is_some()), "{scopes}: {id_token}");
        let hidden = hidden.iter().chain(&["nonce", "auth_time", "sid", "c_hash"]);
        assert!(hidden.into_iter().all(|name| id_token.get(*name).is_none()), "{scopes}: {id_token}");
    }
}

#[tokio::test]
async fn without_an_api_a_token_opens_the_userinfo_endpoint_alone() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    world.give_code("c", "", Authorization { audience: None, ..authorization("openid read:it") });
    let issued = world.by(code("c", "")).await.unwrap();
    let told = claims(&issued.access_token);
    assert_eq!((&told["aud"], &told["scope"]), (&json!("https://login.example/userinfo"), &json!("openid")));
    assert_eq!((issued.algorithm, issued.expires_in), (Algorithm::Es256, 3600));
}

#[tokio::test]
async fn what_was_granted_at_one_api_is_no_grant_at_another_that_came_back_under_its_name() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    for other in [Some("api_0".into()), None] {
        world.give_code("c", "", Authorization { resource_server: other, ..authorization("openid read:it") });
        assert_eq!(world.by(code("c", "")).await.unwrap_err(), IssueError::GrantInvalid);
    }
    world.give_code("c", "", authorization("openid read:it"));
    world.by(code("c", "")).await.unwrap();
}

#[tokio::test]
async fn third_parties_are_never_told_who_the_user_is() {
    let world = World::new();
    world.let_all(Party::Third, ClientType::Public);
    world.registry.put_api(ResourceServer { users_may_let_third_parties_in: true, ..api() });
    world.give_code("c", "v", authorization(&format!("read:it offline_access {OPENID}")));
    let issued = world.by_as_public(code("c", "v")).await.unwrap();
    assert_eq!((issued.scopes.to_delimited().as_str(), issued.id_token), ("read:it offline_access", None));
    assert_eq!(claims(&issued.access_token)["aud"], API);
    world.give_code("c", "v", Authorization { audience: None, ..authorization("openid") });
    assert_eq!(world.by_as_public(code("c", "v")).await.unwrap_err(), IssueError::GrantInvalid);
}

const SCOPES: [&str; 6] = ["read:it", "write:it", "openid", "email", "offline_access", "fly"];

proptest! {
    #[test]
    fn a_redeemed_answer_never_carries_more_than_the_grant(
        granted in prop::sample::subsequence(&SCOPES, 1..=6),
        defined in prop::sample::subsequence(&SCOPES, 0..=6),
        is_third in any::<bool>(),
    ) {
        let world = World::new();
        world.let_all(if is_third { Party::Third } else { Party::First }, ClientType::Confidential);
        let scopes = defined.iter().map(|scope| scope.parse().unwrap()).collect();
        world.registry.put_api(ResourceServer { scopes, users_may_let_third_parties_in: true, ..api() });
        world.give_code("c", "", authorization(&granted.join(" ")));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let issued = runtime.block_on(world.by(code("c", ""))).unwrap();
        for scope in &issued.scopes {
            let scope = scope.as_str();
            prop_assert!(granted.contains(&scope));
            let who = matches!(scope, "openid" | "email");
            prop_assert!(scope == "offline_access" || (who && !is_third) || (!who && defined.contains(&scope)));
        }
        let told = claims(&issued.access_token);
        let carried = told["scope"].as_str().unwrap_or_default();
        prop_assert_eq!(carried, issued.scopes.to_delimited());
        prop_assert_eq!(issued.id_token.is_some(), carried.split(' ').any(|scope| scope == "openid"));
        prop_assert_eq!(&told["sub"], "usr_ada");
        prop_assert!(told["iat"] == START.unix_seconds());
    }
}
