//! Grants of users: codes, refresh tokens, passwords, and their end.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use mintage_jose::Algorithm;
use mintage_oauth::{ClientType, GrantType, Party, ScopeSet};
use mintage_token::domain::records::{Client, ResourceServer, UserAccess};
use mintage_token::domain::{
    Authorization, Credential, Grant, IssueError, IssuedToken, PresentedCode, PresentedPassword, RevocationRequest,
    TokenRequest,
};
use serde_json::Value;

use super::consent::{Given, authorization};
use super::fakes::{API, CLIENT, World, api, tenant};

const ALL: [GrantType; 3] = [GrantType::ClientCredentials, GrantType::AuthorizationCode, GrantType::RefreshToken];
pub(super) const OPENID: &str = "openid profile email";

impl World {
    /// A client that may do all that a client may be let do.
    pub(super) fn let_all(&self, party: Party, client_type: ClientType) {
        let user_access = UserAccess {
            id_token_algorithm: Algorithm::Es256,
            dangerously_allow_implicit: true,
            dangerously_allow_password: true,
        };
        let secrets = if client_type == ClientType::Public { Vec::new() } else { self.client().secrets };
        let client = self.client();
        self.registry.put_client(Client {
            party,
            client_type,
            grant_types: ALL.to_vec(),
            secrets,
            user_access,
            ..client
        });
    }

    pub(super) fn give_code(&self, code: &str, verifier: &str, authorization: Authorization) {
        let given = Given { client_id: CLIENT.to_owned(), verifier: verifier.to_owned(), authorization };
        self.consent.codes.lock().unwrap().insert(code.to_owned(), given);
    }

    pub(super) fn give_refresh_token(&self, token: &str, authorization: Authorization) {
        let given = Given { client_id: CLIENT.to_owned(), verifier: String::new(), authorization };
        self.consent.refresh_tokens.lock().unwrap().insert(token.to_owned(), given);
    }

    pub(super) fn know_ada(&self, authorization: Authorization) {
        self.consent.users.lock().unwrap().insert(("ada".to_owned(), "correct".to_owned()), authorization);
    }

    pub(super) async fn by(&self, grant: Grant) -> Result<IssuedToken, IssueError> {
        self.mint.issue(&TokenRequest { grant, audience: None, ..self.request() }).await
    }

    pub(super) async fn by_as_public(&self, grant: Grant) -> Result<IssuedToken, IssueError> {
        let credential = Credential { client_id: CLIENT.to_owned(), secret: None };
        self.mint.issue(&TokenRequest { grant, credential, audience: None, ..self.request() }).await
    }

    pub(super) fn last_ring(&self) -> (Algorithm, &'static str) {
        let signed = self.signer.0.lock().unwrap();
        signed.last().map(|(ring, typ)| (ring.algorithm, *typ)).unwrap()
    }
}

pub(super) fn claims(token: &str) -> Value {
    serde_json::from_str(token).unwrap()
}

pub(super) fn code(code: &str, verifier: &str) -> Grant {
    let (code, code_verifier) = (code.to_owned().into(), verifier.to_owned().into());
    Grant::AuthorizationCode(PresentedCode { code, redirect_uri: String::new(), code_verifier })
}

pub(super) fn refresh(token: &str) -> Grant {
    Grant::RefreshToken(token.to_owned().into())
}

pub(super) fn password(password: &str) -> Grant {
    Grant::Password(PresentedPassword { username: "ada".to_owned(), password: password.to_owned().into() })
}

#[tokio::test]
async fn b27_a_verifier_must_fit_the_challenge_and_none_may_come_without_one() {
    for (challenged, presented) in [("v", ""), ("", "v"), ("v", "V"), ("v", "w")] {
        let world = World::new();
        world.let_all(Party::First, ClientType::Confidential);
        world.give_code("c", challenged, authorization("read:it"));
        assert_eq!(world.by(code("c", presented)).await.unwrap_err(), IssueError::GrantInvalid);
        assert!(world.signer.0.lock().unwrap().is_empty());
    }
    let world = World::new();
    world.let_all(Party::First, ClientType::Public);
    world.give_code("c", "v", authorization("read:it"));
    assert!(world.by_as_public(code("c", "v")).await.is_ok());
    assert_eq!(world.by_as_public(code("c", "v")).await.unwrap_err(), IssueError::GrantInvalid, "once");
}

#[tokio::test]
async fn b30_passwords_are_for_confidential_first_parties_that_were_let_see_them_and_for_nobody_else() {
    let refused = IssueError::GrantTypeNotAllowed { grant_type: GrantType::Password };
    for (party, client_type, is_let) in [
        (Party::First, ClientType::Confidential, false),
        (Party::Third, ClientType::Confidential, true),
        (Party::First, ClientType::Public, true),
        (Party::Third, ClientType::Public, true),
    ] {
        let world = World::new();
        world.know_ada(authorization("read:it"));
        world.registry.put_tenant(tenant(Some(API)));
        world.let_all(party, client_type);
        if !is_let {
            world.registry.put_client(Client { grant_types: ALL.to_vec(), ..world.client() });
        }
        let outcome = match client_type {
            ClientType::Confidential => world.by(password("correct")).await,
            ClientType::Public => world.by_as_public(password("correct")).await,
        };
        assert_eq!(outcome.unwrap_err(), refused, "{party:?} {client_type:?}");
        assert!(world.consent.asked().is_empty(), "no password is looked at");
    }
    let world = World::new();
    world.know_ada(authorization("read:it"));
    world.registry.put_tenant(tenant(Some(API)));
    world.let_all(Party::First, ClientType::Confidential);
    assert!(world.by(password("correct")).await.is_ok());
    assert_eq!(world.by(password("wrong")).await.unwrap_err(), IssueError::GrantInvalid);
    let source = "Some(192.0.2.1)";
    assert_eq!(world.consent.asked(), [(); 2].map(|()| format!("password ada {API} {source}")));
}

#[tokio::test]
async fn b2_a_password_without_an_api_gives_who_the_user_is_or_nothing() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    assert_eq!(world.by(password("correct")).await.unwrap_err(), IssueError::AudienceMissing);
    world.know_ada(Authorization { audience: None, ..authorization("openid") });
    let scopes = Some(ScopeSet::parse_delimited("openid").unwrap());
    let request = TokenRequest { grant: password("correct"), audience: None, scopes, ..world.request() };
    assert!(world.mint.issue(&request).await.unwrap().id_token.is_some());
}

#[tokio::test]
async fn b31_a_client_by_itself_gets_nothing_to_refresh_a_token_with_nor_an_id_token() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    world.registry.put_grant(Some("openid offline_access read:it"));
    let scopes = ScopeSet::parse_delimited("openid offline_access read:it").unwrap();
    world.registry.put_api(ResourceServer { scopes, ..api() });
    let issued = world.issue().await.unwrap();
    assert!(issued.refresh_token.is_none() && issued.id_token.is_none());
    assert!(world.consent.asked().is_empty());
}

#[tokio::test]
async fn b32_a_disabled_client_gets_nothing_on_any_path_and_nothing_of_its_users_is_taken() {
    for client_type in [ClientType::Confidential, ClientType::Public] {
        let world = World::new();
        world.let_all(Party::First, client_type);
        world.give_code("c", "", authorization("read:it"));
        world.give_refresh_token("r", authorization("read:it"));
        let client = world.registry.client().unwrap();
        world.registry.put_client(Client { enabled: false, ..client });
        let secret = (client_type == ClientType::Confidential).then(|| world.secret.expose().to_owned().into());
        let credential = Credential { client_id: CLIENT.to_owned(), secret };
        for grant in [Grant::ClientCredentials, code("c", ""), refresh("r"), password("correct")] {
            let request = TokenRequest { grant, credential: credential.clone(), ..world.request() };
            assert_eq!(world.mint.issue(&request).await.unwrap_err(), IssueError::ClientAuthenticationFailed);
        }
        assert_eq!(world.end(credential, "r").await.unwrap_err(), IssueError::ClientAuthenticationFailed);
        assert!(world.consent.asked().is_empty());
    }
}

impl World {
    async fn end(&self, credential: Credential, token: &str) -> Result<(), IssueError> {
        let TokenRequest { tenant, source, .. } = self.request();
        self.mint.revoke(&RevocationRequest { tenant, credential, token: token.to_owned().into(), source }).await
    }
}

#[tokio::test]
async fn b18_a_confidential_client_without_a_secret_and_a_public_one_with_one_fail_like_any() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    world.give_code("c", "", authorization("read:it"));
    assert_eq!(world.by_as_public(code("c", "")).await.unwrap_err(), IssueError::ClientAuthenticationFailed);
    world.let_all(Party::First, ClientType::Public);
    assert_eq!(world.by(code("c", "")).await.unwrap_err(), IssueError::ClientAuthenticationFailed);
    let unknown = Credential { client_id: "nobody".to_owned(), secret: None };
    let request = TokenRequest { grant: code("c", ""), credential: unknown, ..world.request() };
    assert_eq!(world.mint.issue(&request).await.unwrap_err(), IssueError::ClientAuthenticationFailed);
    assert_eq!(world.metronome.0.lock().unwrap().len(), 3, "each was held back");
    assert!(world.consent.asked().is_empty());
}

/// What no registry should have let in.
#[tokio::test]
async fn a_public_client_never_proves_itself_by_a_secret_nor_is_it_anybody_by_itself() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Public);
    let client = world.registry.client().unwrap();
    world.registry.put_client(Client { secrets: world.client().secrets, ..client });
    assert_eq!(world.issue().await.unwrap_err(), IssueError::ClientAuthenticationFailed);
    let refused = IssueError::GrantTypeNotAllowed { grant_type: GrantType::ClientCredentials };
    assert_eq!(world.by_as_public(Grant::ClientCredentials).await.unwrap_err(), refused);
}

#[tokio::test]
async fn a_client_uses_no_grant_that_it_was_not_given_and_nothing_is_taken_of_it() {
    let world = World::new();
    world.give_code("c", "", authorization("read:it"));
    world.give_refresh_token("r", authorization("read:it"));
    for (grant, grant_type) in [(code("c", ""), GrantType::AuthorizationCode), (refresh("r"), GrantType::RefreshToken)]
    {
        assert_eq!(world.by(grant).await.unwrap_err(), IssueError::GrantTypeNotAllowed { grant_type });
    }
    world.let_all(Party::First, ClientType::Confidential);
    let foreign = Some("https://evil.example/".to_owned());
    let request = TokenRequest { grant: code("c", ""), issuer: foreign, ..world.request() };
    assert_eq!(world.mint.issue(&request).await.unwrap_err(), IssueError::IssuerUnknown);
    assert!(world.consent.asked().is_empty());
}

#[tokio::test]
async fn what_an_api_allows_is_asked_again_at_each_redemption() {
    let open = || ResourceServer { users_may_let_third_parties_in: true, ..api() };
    for (party, api, is_open) in [
        (Party::First, api(), true),
        (Party::Third, open(), true),
        (Party::Third, api(), false),
        (Party::Third, ResourceServer { algorithm: Algorithm::Hs256, ..open() }, false),
        (Party::Third, ResourceServer { is_system: true, ..open() }, false),
        (Party::First, ResourceServer { is_system: true, ..open() }, false),
        (Party::First, ResourceServer { audience: "https://other.example/".parse().unwrap(), ..open() }, false),
    ] {
        let world = World::new();
        world.let_all(party, ClientType::Confidential);
        let shown = format!("{party:?} {api:?}");
        world.registry.put_api(api);
        world.give_code("c", "", authorization("read:it"));
        world.give_refresh_token("r", authorization("read:it"));
        for grant in [code("c", ""), refresh("r")] {
            let outcome = world.by(grant).await;
            assert_eq!(outcome.is_ok(), is_open, "{shown}");
            assert!(is_open || outcome.unwrap_err() == IssueError::GrantInvalid);
        }
    }
}

#[tokio::test]
async fn a_client_ends_its_own_refresh_tokens_once_it_proved_who_it_is() {
    let world = World::new();
    let credential = world.request().credential;
    assert_eq!(world.end(credential.clone(), "anything").await, Ok(()));
    assert_eq!(world.consent.asked(), ["end anything of client-1"]);
    let wrong = Credential { secret: Some("wrong".to_owned().into()), ..credential };
    assert_eq!(world.end(wrong, "anything").await.unwrap_err(), IssueError::ClientAuthenticationFailed);
    assert_eq!(world.consent.asked().len(), 1);
}

#[tokio::test]
async fn b34_nothing_that_is_presented_or_given_is_shown() {
    let world = World::new();
    world.let_all(Party::First, ClientType::Confidential);
    world.give_code("s3cret", "", authorization(OPENID));
    let request = TokenRequest { grant: code("s3cret", "s3cret"), ..world.request() };
    let issued = world.by(code("s3cret", "")).await.unwrap();
    let shown = format!("{request:?} {issued:?} {:?} {:?}", password("s3cret"), authorization(OPENID));
    assert!(!["s3cret", "usr_ada", "next", "Minter", "ada@"].iter().any(|secret| shown.contains(secret)), "{shown}");
}
