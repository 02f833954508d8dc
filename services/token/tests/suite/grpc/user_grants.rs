//! What users granted, from the door to the consent service and back.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use mintage_api::registry::change::Subject;
use mintage_api::registry::{ClientChange, UserAccess};
use mintage_api::token::issue_token_request::{ClientAuthentication, Grant};
use mintage_api::token::revoke_token_request::ClientAuthentication as RevokerAuthentication;
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{
    AuthorizationCodeGrant, ClientSecretAuthentication, IssueFrontChannelRequest, IssueTokenRequest, PasswordGrant,
    PublicClient, RefreshTokenGrant, RevokeTokenRequest,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::{reason_of, refusal, unavailable};
use mintage_chassis::{ServiceName, Transport};
use serde_json::Value;
use tonic::{Code, Status};

use super::rig::{CLIENT, Rig, reason};

impl Rig {
    /// The client may do all that a client may.
    async fn let_all(&self) {
        let change = Subject::Client(ClientChange { client_id: CLIENT.to_owned() });
        let write = |records: &mut super::registry::Records| {
            let client = records.clients.get_mut(CLIENT).unwrap();
            client.grant_types = ["authorization_code", "refresh_token"].map(str::to_owned).to_vec();
            client.user_access = Some(UserAccess {
                dangerously_allow_implicit: true,
                dangerously_allow_password: true,
                ..UserAccess::default()
            });
        };
        self.registry.change(change, write).await;
    }

    fn by(&self, grant: Grant) -> IssueTokenRequest {
        IssueTokenRequest { grant: Some(grant), ..self.request() }
    }

    fn client(&self, from: ServiceName) -> TokenServiceClient<Transport> {
        TokenServiceClient::new(Transport::in_process(from, self.service.routes.clone()))
    }
}

fn code() -> Grant {
    Grant::AuthorizationCode(AuthorizationCodeGrant {
        code: "code-1".to_owned(),
        redirect_uri: "https://app.example/back".to_owned(),
        code_verifier: "verifier".to_owned(),
    })
}

fn refresh() -> Grant {
    Grant::RefreshToken(RefreshTokenGrant { refresh_token: "refresh-1".to_owned() })
}

fn password() -> Grant {
    Grant::Password(PasswordGrant { username: "ada".to_owned(), password: "correct".to_owned() })
}

#[tokio::test]
async fn each_grant_of_a_user_gives_tokens_and_is_redeemed_once() {
    let rig = Rig::new().await;
    rig.let_all().await;
    // A password is taken at once; the others are looked at before.
    for (asked, grant) in [(2, code()), (4, refresh()), (5, password())] {
        let issued = rig.ask(rig.by(grant)).await.unwrap();
        let claims: Value = serde_json::from_str(&issued.access_token).unwrap();
        assert_eq!((claims["sub"].as_str(), issued.refresh_token.as_str()), (Some("usr_ada"), "next"));
        assert_eq!(issued.scopes, ["read:it", "openid", "profile"]);
        let claims: Value = serde_json::from_str(&issued.id_token).unwrap();
        assert_eq!((&claims["name"], claims.get("auth_time")), (&Value::from("Ada"), None));
        assert_eq!(rig.consent.asked(), asked);
    }
}

#[tokio::test]
async fn whatever_is_no_good_is_refused_with_one_word() {
    let rig = Rig::new().await;
    rig.let_all().await;
    let wrong = Grant::RefreshToken(RefreshTokenGrant { refresh_token: "refresh-2".to_owned() });
    let status = rig.ask(rig.by(wrong)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let told = reason_of(&status).unwrap();
    assert_eq!((told.reason, told.metadata.len()), (ErrorReason::GrantInvalid, 0));
    for same in [ErrorReason::SignInRefused, ErrorReason::ParameterInvalid] {
        rig.consent.refuse(refusal(Code::Unauthenticated, same, "its own words", &[]));
        let refused = rig.ask(rig.by(password())).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.message(), refused.details()),
            (status.code(), status.message(), status.details())
        );
    }
}

#[tokio::test]
async fn nothing_is_redeemed_twice_by_itself_and_what_the_consent_service_says_stays_inside() {
    let rig = Rig::new().await;
    rig.let_all().await;
    let no = |code, reason| refusal(code, reason, "its own words", &[]);
    for (number, (status, told)) in [
        (unavailable("its own words"), ErrorReason::TemporarilyUnavailable),
        (Status::unavailable("its own words"), ErrorReason::TemporarilyUnavailable),
        (Status::deadline_exceeded("its own words"), ErrorReason::TemporarilyUnavailable),
        (no(Code::Internal, ErrorReason::Internal), ErrorReason::Internal),
        (no(Code::PermissionDenied, ErrorReason::MethodRefused), ErrorReason::Internal),
    ]
    .into_iter()
    .enumerate()
    {
        rig.consent.refuse(status);
        let refused = rig.ask(rig.by(code())).await.unwrap_err();
        assert!(!refused.message().contains("own words"));
        assert_eq!(reason_of(&refused).unwrap().reason, told);
        assert_eq!(rig.consent.asked(), number + 1);
    }
}

#[tokio::test]
async fn what_a_client_may_be_told_of_a_users_grant_it_is_told() {
    let rig = Rig::new().await;
    rig.let_all().await;
    let metadata = [("retry_after_seconds", "7"), ("limit", "5")];
    rig.consent.refuse(refusal(Code::ResourceExhausted, ErrorReason::TooManyAttempts, "", &metadata));
    let told = reason(rig.ask(rig.by(password())).await);
    assert_eq!((told.reason, told.get("retry_after_seconds")), (ErrorReason::TooManyAttempts, "7"));
    rig.consent.refuse(refusal(Code::PermissionDenied, ErrorReason::ScopeNotGranted, "", &[("scopes", "a b")]));
    let told = reason(rig.ask(rig.by(refresh())).await);
    assert_eq!((told.reason, told.get("scopes")), (ErrorReason::ScopeNotGranted, "a b"));
    let rig = Rig::new().await;
    rig.let_all().await;
    for grant in [code(), refresh()] {
        let elsewhere = IssueTokenRequest { audience: "urn:x".to_owned(), ..rig.by(grant) };
        let told = reason(rig.ask(elsewhere).await);
        assert_eq!((told.reason, told.get("audience")), (ErrorReason::AudienceNotGranted, "urn:x"));
    }
}

#[tokio::test]
async fn b10_a_user_whose_id_reads_as_a_machine_gets_no_token() {
    let rig = Rig::new().await;
    rig.let_all().await;
    rig.consent.call_the_user("client-1@clients");
    assert_eq!(reason(rig.ask(rig.by(code())).await).reason, ErrorReason::Internal);
}

#[tokio::test]
async fn what_goes_through_the_browser_is_for_the_edge_alone() {
    let rig = Rig::new().await;
    rig.let_all().await;
    let ticket = || IssueFrontChannelRequest { ticket: "ticket-1".to_owned(), ..IssueFrontChannelRequest::default() };
    for other in [ServiceName::CONSENT, ServiceName::CLIENT_REGISTRY, ServiceName::KEY_MANAGEMENT] {
        let refused = rig.client(other).issue_front_channel(ticket()).await;
        assert_eq!(reason(refused).reason, ErrorReason::MethodRefused);
    }
    assert_eq!(rig.consent.asked(), 0);
    let issued = rig.client(ServiceName::EDGE).issue_front_channel(ticket()).await.unwrap().into_inner();
    assert!(!issued.access_token.is_empty() && issued.id_token.contains("c_hash"));
    assert_eq!((issued.token_type.as_str(), issued.expires_in), ("Bearer", 3600));
    let none = IssueFrontChannelRequest::default();
    let told = reason(rig.client(ServiceName::EDGE).issue_front_channel(none).await);
    assert_eq!((told.reason, told.get("parameter")), (ErrorReason::ParameterMissing, "ticket"));
}

#[tokio::test]
async fn whoever_proves_who_it_is_ends_its_refresh_tokens() {
    let rig = Rig::new().await;
    let revoke = |secret: &str, token: &str| {
        let secret = ClientSecretAuthentication { client_id: CLIENT.to_owned(), client_secret: secret.to_owned() };
        RevokeTokenRequest {
            client_authentication: Some(RevokerAuthentication::ClientSecret(secret)),
            token: token.to_owned(),
            ..RevokeTokenRequest::default()
        }
    };
    let ask = async |request| rig.client(ServiceName::EDGE).revoke_token(request).await;
    assert!(ask(revoke(rig.secret.expose(), "any")).await.is_ok());
    assert_eq!((rig.consent.asked(), rig.consent.last()), (1, "any by client-1".to_owned()));
    assert_eq!(reason(ask(revoke("wrong", "any")).await).reason, ErrorReason::ClientAuthenticationFailed);
    let told = reason(ask(revoke(rig.secret.expose(), "")).await);
    assert_eq!((told.reason, told.get("parameter")), (ErrorReason::ParameterMissing, "token"));
    let public = RevokerAuthentication::PublicClient(PublicClient { client_id: CLIENT.to_owned() });
    let request = RevokeTokenRequest { client_authentication: Some(public), ..revoke("", "any") };
    assert_eq!(reason(ask(request).await).reason, ErrorReason::ClientAuthenticationFailed);
    assert_eq!(rig.consent.asked(), 1);
}

#[tokio::test]
async fn what_a_grant_lacks_is_refused_by_its_name_before_anyone_is_asked() {
    let rig = Rig::new().await;
    rig.let_all().await;
    let nothing = AuthorizationCodeGrant::default();
    let nobody = PublicClient::default();
    for (request, parameter) in [
        (rig.by(Grant::AuthorizationCode(nothing)), "code"),
        (rig.by(Grant::RefreshToken(RefreshTokenGrant::default())), "refresh_token"),
        (rig.by(Grant::Password(PasswordGrant::default())), "username"),
        (rig.by(Grant::Password(PasswordGrant { username: "ada".to_owned(), password: String::new() })), "password"),
        (
            IssueTokenRequest {
                client_authentication: Some(ClientAuthentication::PublicClient(nobody)),
                ..rig.by(code())
            },
            "client_id",
        ),
    ] {
        let told = reason(rig.ask(request).await);
        assert_eq!((told.reason, told.get("parameter")), (ErrorReason::ParameterMissing, parameter));
    }
    assert_eq!(rig.consent.asked(), 0);
}
