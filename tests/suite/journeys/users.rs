//! What a user grants: from the authorization request to tokens, to the next ones, and to their end.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use http::StatusCode;
use mintage_api::consent::user_grant_service_client::UserGrantServiceClient;
use mintage_api::consent::user_service_client::UserServiceClient;
use mintage_api::consent::{CreateUserRequest, DeleteUserGrantRequest, ListUserGrantsRequest};
use mintage_api::registry::{
    Client, ClientType, ConsentPolicy, CreateClientRequest, DeleteResourceServerRequest, Party, ResourceServer,
    ThirdParties, UpdateClientRequest, UpdateResourceServerRequest, UserAccess,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::{ServiceName, Transport};
use mintage_jose::{Algorithm, digest};
use serde_json::{Value, json};

use super::rig::{HOST, Known, Rig, decoded};
use crate::browser::{At, Browser};

const API: &str = "https://photos.test/";
pub(super) const BACK: &str = "https://app.test/back";
const EMAIL: &str = "ada@users.test";
const PASSWORD: &str = "seventeen copper kettles";
const VERIFIER: &str = "a-verifier-of-some-forty-three-characters-or-more";

/// A suite with an API that is open to third parties, and a user.
pub(super) struct Town {
    pub(super) rig: Rig,
    user_id: String,
}

impl Town {
    pub(super) async fn new() -> Self {
        let rig = Rig::new().await;
        rig.api(API, SigningAlgorithm::Es256).await;
        let town = Self { user_id: user(&rig).await, rig };
        town.set_policy(ThirdParties::Allowed).await;
        town
    }

    async fn set_policy(&self, third_parties: ThirdParties) {
        let consent = ConsentPolicy { third_parties: third_parties.into(), allow_offline_access: true, ..policy() };
        let changed = ResourceServer { id: API.to_owned(), consent: Some(consent), ..ResourceServer::default() };
        let update_mask = Some(prost_types::FieldMask { paths: vec!["consent".to_owned()] });
        let request = UpdateResourceServerRequest { resource_server: Some(changed), update_mask };
        self.rig.apis().update_resource_server(request).await.expect("a policy");
    }

    async fn client(&self, party: Party, client_type: ClientType, access: UserAccess) -> Known {
        let request = CreateClientRequest {
            party: party.into(),
            client_type: client_type.into(),
            grant_types: ["authorization_code", "refresh_token"].map(str::to_owned).to_vec(),
            user_access: Some(UserAccess { redirect_uris: vec![BACK.to_owned()], ..access }),
            ..CreateClientRequest::default()
        };
        self.rig.client(request).await
    }

    /// A public client of somebody else's.
    async fn stranger(&self) -> Known {
        self.client(Party::Third, ClientType::Public, UserAccess::default()).await
    }

    /// A client with a secret, of the tenant's own.
    async fn own(&self, access: UserAccess) -> Known {
        self.client(Party::First, ClientType::Confidential, access).await
    }

    fn consent(&self) -> Transport {
        self.rig.suite.consent_for(ServiceName::MINTAGE)
    }

    /// The user signs in and agrees to all.
    pub(super) async fn agreed(&self, known: &Known, scope: &str, more: &[(&str, &str)]) -> At {
        let mut browser = Browser::new(&self.rig);
        let at = browser.visit(&authorize(known, scope, more)).await;
        let at = browser.sign_in(&at, EMAIL, PASSWORD).await;
        browser.decide(&at, "allow", &[]).await
    }

    async fn token(&self, known: &Known, fields: &[(&str, &str)]) -> (StatusCode, Value) {
        self.rig.post_at(HOST, form(known, fields)).await
    }

    /// Redeems a code.
    pub(super) async fn redeem(&self, known: &Known, code: &str) -> (StatusCode, Value) {
        self.token(known, &presented(code)).await
    }

    pub(super) async fn refresh(&self, known: &Known, refresh_token: &Value) -> (StatusCode, Value) {
        let refresh_token = refresh_token.as_str().expect("a refresh token");
        self.token(known, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }
}

async fn user(rig: &Rig) -> String {
    let request = CreateUserRequest {
        tenant_id: "default".to_owned(),
        email: EMAIL.to_owned(),
        email_verified: true,
        name: "Ada".to_owned(),
        password: PASSWORD.to_owned(),
    };
    let mut users = UserServiceClient::new(rig.suite.consent_for(ServiceName::MINTAGE));
    users.create_user(request).await.expect("a user").into_inner().user.expect("a user").id
}

fn policy() -> ConsentPolicy {
    ConsentPolicy::default()
}

fn authorize(known: &Known, scope: &str, more: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(digest::sha256(VERIFIER.as_bytes()));
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", &known.client.client_id),
        ("redirect_uri", BACK),
        ("scope", scope),
        ("audience", API),
        ("state", "st4te"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in more {
        pairs.retain(|(known, _)| known != name);
        pairs.push((name, value));
    }
    format!("/authorize?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// A code with what fits it.
const fn presented(code: &str) -> [(&str, &str); 4] {
    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)]
}

fn form(known: &Known, fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("client_id", &known.client.client_id);
    if !known.secret.is_empty() {
        form.append_pair("client_secret", &known.secret);
    }
    form.extend_pairs(fields).finish()
}

fn assert_invalid_grant((status, answer): (StatusCode, Value)) {
    assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")), "{answer}");
}

#[tokio::test]
async fn a_third_party_gets_what_the_user_agreed_to_refreshes_it_and_ends_it() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    assert_eq!((at.parameter("state"), at.parameter("iss")), ("st4te", "https://mint.test/"));
    let (status, first) = town.redeem(&known, at.parameter("code")).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    let (header, claims) = decoded(first["access_token"].as_str().expect("a token"));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("JWT")));
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!(town.user_id), &json!(API)));
    assert_eq!(claims["azp"], known.client.client_id);
    assert!(claims.get("gty").is_none() && first.get("id_token").is_none());
    let (status, second) = town.refresh(&known, &first["refresh_token"]).await;
    assert_eq!((status, &second["scope"]), (StatusCode::OK, &first["scope"]), "{second}");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let ended = second["refresh_token"].as_str().expect("a refresh token");
    assert_eq!(town.rig.revoke_at(HOST, form(&known, &[("token", ended)])).await, StatusCode::OK);
    assert_invalid_grant(town.refresh(&known, &second["refresh_token"]).await);
}

#[tokio::test]
async fn an_api_that_is_made_again_under_its_name_was_granted_nothing() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    let (status, given) = town.redeem(&known, at.parameter("code")).await;
    assert_eq!(status, StatusCode::OK, "{given}");
    let mut browser = Browser::new(&town.rig);
    let page = browser.visit(&authorize(&known, "read:x", &[])).await;
    let unused = browser.sign_in(&page, EMAIL, PASSWORD).await;
    let delete = DeleteResourceServerRequest { id: API.to_owned(), ..DeleteResourceServerRequest::default() };
    town.rig.apis().delete_resource_server(delete).await.expect("deletes");
    town.rig.api(API, SigningAlgorithm::Es256).await;
    town.set_policy(ThirdParties::Allowed).await;
    assert_invalid_grant(town.refresh(&known, &given["refresh_token"]).await);
    assert_invalid_grant(town.redeem(&known, unused.parameter("code")).await);
    let at = town.agreed(&known, "read:x", &[]).await;
    assert_eq!(town.redeem(&known, at.parameter("code")).await.0, StatusCode::OK, "the user was asked anew");
}

#[tokio::test]
async fn a_first_party_learns_who_the_user_is_by_a_token_that_its_key_set_verifies() {
    let town = Town::new().await;
    let known = town.own(UserAccess::default()).await;
    let at = town.agreed(&known, "openid profile email read:x", &[("nonce", "n-1")]).await;
    let (status, answer) = town.redeem(&known, at.parameter("code")).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (id_token, access_token) = (&answer["id_token"], answer["access_token"].as_str().expect("a token"));
    let (header, claims) = decoded(id_token.as_str().expect("an ID token"));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
    let keys = town.rig.key_set_at(HOST).await;
    let key = keys["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == header["kid"]);
    let key =
        jsonwebtoken::DecodingKey::from_jwk(&serde_json::from_value(key.expect("the key").clone()).expect("a JWK"));
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[&known.client.client_id]);
    validation.set_issuer(&["https://mint.test/"]);
    let verified =
        jsonwebtoken::decode::<Value>(id_token.as_str().expect("a token"), &key.expect("a key"), &validation);
    assert_eq!(verified.expect("a valid ID token").claims, claims);
    assert_eq!((&claims["sub"], &claims["nonce"]), (&json!(town.user_id), &json!("n-1")));
    assert_eq!((&claims["name"], &claims["email"]), (&json!("Ada"), &json!(EMAIL)));
    assert_eq!(claims["at_hash"], digest::left_half(Algorithm::Rs256, access_token));
    let (_, access) = decoded(access_token);
    assert_eq!(access["aud"], json!([API, "https://mint.test/userinfo"]));
    let (status, told) = town.rig.userinfo_at(HOST, access_token).await;
    assert_eq!((status, &told["sub"], &told["email"]), (StatusCode::OK, &json!(town.user_id), &json!(EMAIL)));
}

#[tokio::test]
async fn a_code_that_is_presented_twice_takes_back_what_it_gave() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    let (_, first) = town.redeem(&known, at.parameter("code")).await;
    assert_invalid_grant(town.redeem(&known, at.parameter("code")).await);
    assert_invalid_grant(town.refresh(&known, &first["refresh_token"]).await);
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_its_family() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    let (_, first) = town.redeem(&known, at.parameter("code")).await;
    let (_, second) = town.refresh(&known, &first["refresh_token"]).await;
    let (_, third) = town.refresh(&known, &second["refresh_token"]).await;
    assert_invalid_grant(town.refresh(&known, &first["refresh_token"]).await);
    assert_invalid_grant(town.refresh(&known, &third["refresh_token"]).await);
}

#[tokio::test]
async fn whose_answer_was_lost_asks_again_and_what_was_lost_is_a_copy() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    let (_, first) = town.redeem(&known, at.parameter("code")).await;
    let (_, lost) = town.refresh(&known, &first["refresh_token"]).await;
    let (status, second) = town.refresh(&known, &first["refresh_token"]).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_invalid_grant(town.refresh(&known, &lost["refresh_token"]).await);
    assert_invalid_grant(town.refresh(&known, &second["refresh_token"]).await);
}

#[tokio::test]
async fn b2_what_was_granted_at_one_api_is_for_no_other_whatever_it_is_called() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    let mut fields = presented(at.parameter("code")).to_vec();
    fields.push(("resource", "https://another.test/"));
    let (status, answer) = town.token(&known, &fields).await;
    assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_target")), "{answer}");
    let (_, first) = town.redeem(&known, at.parameter("code")).await;
    let token = first["refresh_token"].as_str().expect("not used up");
    for name in ["audience", "resource"] {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), (name, "https://another.test/")];
        let (status, answer) = town.token(&known, &fields).await;
        assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_target")), "{answer}");
    }
    let wide = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "read:x write:x")];
    let (status, answer) = town.token(&known, &wide).await;
    assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_scope")), "{answer}");
    let narrow = [("grant_type", "refresh_token"), ("refresh_token", token), ("audience", API), ("scope", "read:x")];
    let (status, answer) = town.token(&known, &narrow).await;
    assert_eq!((status, &answer["scope"]), (StatusCode::OK, &json!("read:x")), "{answer}");
}

#[tokio::test]
async fn of_many_uses_of_a_code_at_once_at_most_one_is_served() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let at = town.agreed(&known, "read:x", &[]).await;
    let answers = join_all((0..20).map(|_| town.redeem(&known, at.parameter("code")))).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == StatusCode::OK).count(), 1);
}

#[tokio::test]
async fn b27_a_code_is_worth_nothing_without_what_it_is_bound_to() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let other = town.stranger().await;
    let plain = town.own(UserAccess::default()).await;
    for wrong in [
        ("code_verifier", "another-verifier-of-some-forty-three-characters"),
        ("code_verifier", ""),
        ("redirect_uri", "https://app.test/Back"),
    ] {
        let at = town.agreed(&known, "read:x", &[("prompt", "consent")]).await;
        let mut fields = presented(at.parameter("code")).to_vec();
        fields.retain(|(name, _)| *name != wrong.0);
        fields.push(wrong);
        assert_invalid_grant(town.token(&known, &fields).await);
    }
    let at = town.agreed(&known, "read:x", &[("prompt", "consent")]).await;
    assert_invalid_grant(town.redeem(&other, at.parameter("code")).await);
    // A code that was asked for without a challenge takes no verifier.
    let bare = [("code_challenge", ""), ("code_challenge_method", ""), ("prompt", "consent")];
    let at = town.agreed(&plain, "read:x", &bare).await;
    assert_invalid_grant(town.redeem(&plain, at.parameter("code")).await);
}

#[tokio::test]
async fn what_a_user_an_operator_or_an_api_takes_back_is_gone_at_once() {
    let town = Town::new().await;
    let known = town.stranger().await;
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    let (_, first) = town.redeem(&known, at.parameter("code")).await;
    town.set_policy(ThirdParties::Refused).await;
    assert_invalid_grant(town.refresh(&known, &first["refresh_token"]).await);
    town.set_policy(ThirdParties::Allowed).await;

    let at = town.agreed(&known, "read:x offline_access", &[("prompt", "consent")]).await;
    let (_, first) = town.redeem(&known, at.parameter("code")).await;
    let mut grants = UserGrantServiceClient::new(town.consent());
    let listed = ListUserGrantsRequest { tenant_id: "default".to_owned(), ..ListUserGrantsRequest::default() };
    let listed = grants.list_user_grants(listed).await.expect("grants").into_inner().user_grants;
    let [only] = listed.as_slice() else { panic!("{} grants", listed.len()) };
    assert_eq!((&only.user_id, &only.client_id), (&town.user_id, &known.client.client_id));
    let taken = DeleteUserGrantRequest { tenant_id: "default".to_owned(), id: only.id.clone() };
    grants.delete_user_grant(taken).await.expect("it is gone");
    assert_invalid_grant(town.refresh(&known, &first["refresh_token"]).await);
}

#[tokio::test]
async fn b32_a_client_that_is_disabled_gets_nothing_for_what_it_holds() {
    let town = Town::new().await;
    let known = town.own(UserAccess::default()).await;
    let at = town.agreed(&known, "read:x offline_access", &[]).await;
    let (_, first) = town.redeem(&known, at.parameter("code")).await;
    let disabled = Client { enabled: false, ..known.client.clone() };
    let update_mask = Some(prost_types::FieldMask { paths: vec!["enabled".to_owned()] });
    let request = UpdateClientRequest { client: Some(disabled), update_mask };
    town.rig.clients().update_client(request).await.expect("it is disabled");
    let (status, answer) = town.refresh(&known, &first["refresh_token"]).await;
    assert_eq!((status, &answer["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    let mut browser = Browser::new(&town.rig);
    let at = browser.visit(&authorize(&known, "read:x", &[])).await;
    at.page("/authorize");
}

#[tokio::test]
async fn b30_tokens_in_an_address_and_passwords_are_for_clients_with_the_frightening_names_alone() {
    let town = Town::new().await;
    let usual = town.own(UserAccess::default()).await;
    let implicit = [("response_type", "token id_token"), ("nonce", "n-1")];
    let mut browser = Browser::new(&town.rig);
    let at = browser.visit(&authorize(&usual, "openid", &implicit)).await;
    assert!(!at.parameter("error").is_empty(), "{at:?}");
    let password = [
        ("grant_type", "password"),
        ("username", EMAIL),
        ("password", PASSWORD),
        ("audience", API),
        ("scope", "openid read:x"),
    ];
    let (status, answer) = town.token(&usual, &password).await;
    assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("unauthorized_client")));

    let access =
        UserAccess { dangerously_allow_implicit: true, dangerously_allow_password: true, ..UserAccess::default() };
    let frightening = town.own(access).await;
    let at = town.agreed(&frightening, "openid read:x", &implicit).await;
    let (_, claims) = decoded(at.parameter("access_token"));
    assert_eq!((&claims["sub"], &claims["scope"]), (&json!(town.user_id), &json!("openid read:x")));
    let (_, id_claims) = decoded(at.parameter("id_token"));
    assert_eq!(id_claims["at_hash"], digest::left_half(Algorithm::Rs256, at.parameter("access_token")));
    assert_eq!(id_claims["nonce"], "n-1");
    let (status, answer) = town.token(&frightening, &password).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(decoded(answer["access_token"].as_str().expect("a token")).1["gty"], "password");
    let wrong: Vec<_> =
        password.iter().map(|(name, value)| (*name, if *name == "password" { "x" } else { value })).collect();
    assert_invalid_grant(town.token(&frightening, &wrong).await);
}
