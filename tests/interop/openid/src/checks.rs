//! What is checked: users who sign in, ID tokens that verify, and the right error for what is used twice or by the wrong one.

use anyhow::{Context, bail, ensure};
use openidconnect::core::{
    CoreAuthPrompt, CoreClientAuthMethod, CoreClientRegistrationRequest, CoreErrorResponseType, CoreGrantType,
    CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::http::StatusCode;
use openidconnect::registration::{ClientRegistrationError, EmptyAdditionalClientMetadata};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClientName, CsrfToken, LocalizedClaim, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl,
    RefreshToken, RequestTokenError, RevocationUrl, StandardErrorResponse, TokenResponse,
};

use crate::demo::{Asked, Client, Demo};
use crate::person::Person;

pub(crate) fn id_token_rs256(demo: &Demo) -> anyhow::Result<()> {
    verified(demo, WEB, &CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256)
}

pub(crate) fn id_token_es256(demo: &Demo) -> anyhow::Result<()> {
    verified(demo, ES256, &CoreJwsSigningAlgorithm::EcdsaP256Sha256)
}

pub(crate) fn other_nonce(demo: &Demo) -> anyhow::Result<()> {
    let user = SignedIn::at(demo, demo.own_client(WEB)?)?;
    let verifier = user.client.id_token_verifier();
    ensure!(user.id_token()?.claims(&verifier, &Nonce::new_random()).is_err(), "another nonce was taken");
    Ok(())
}

pub(crate) fn user_info(demo: &Demo) -> anyhow::Result<()> {
    let user = SignedIn::at(demo, demo.own_client(WEB)?)?;
    let subject = user.claims()?.subject().clone();
    let request = user.client.user_info(user.answer.access_token().clone(), Some(subject))?;
    let told: CoreUserInfoClaims = request.request(&|request| demo.send(request))?;
    ensure!(told.email().is_some_and(|email| **email == demo.email), "the address is {:?}", told.email());
    Ok(())
}

pub(crate) fn refresh_rotates(demo: &Demo) -> anyhow::Result<()> {
    let user = SignedIn::at(demo, demo.own_client(WEB)?)?;
    let first = refresh_token(&user.answer)?;
    let second = granted(refresh(demo, &user.client, first)?)?;
    ensure!(refresh_token(&second)?.secret() != first.secret(), "the refresh token stayed the same");
    let id_token = second.id_token().context("no ID token")?;
    let claims = id_token.claims(&user.client.id_token_verifier(), |_: Option<&Nonce>| Ok(()))?;
    ensure!(claims.subject() == user.claims()?.subject(), "the ID token speaks of somebody else");

    let third = granted(refresh(demo, &user.client, refresh_token(&second)?)?)?;
    expect_invalid_grant(refresh(demo, &user.client, first)?)?;
    expect_invalid_grant(refresh(demo, &user.client, refresh_token(&third)?)?)
}

pub(crate) fn code_is_good_once(demo: &Demo) -> anyhow::Result<()> {
    let client = demo.own_client(WEB)?;
    let asked = demo.ask(&client, SCOPES, None);
    let code = asked.answered(demo, &Person::new(demo).allow(&asked.link)?, "code")?;
    let verifier = asked.verifier.into_secret();
    let redeem = || redeem(demo, &client, &code, PkceCodeVerifier::new(verifier.clone()));
    let answer = granted(redeem()?)?;
    expect_invalid_grant(redeem()?)?;
    expect_invalid_grant(refresh(demo, &client, refresh_token(&answer)?)?)
}

pub(crate) fn other_verifier(demo: &Demo) -> anyhow::Result<()> {
    let client = demo.own_client(WEB)?;
    let (asked, other) = (demo.ask(&client, SCOPES, None), demo.ask(&client, SCOPES, None));
    let code = asked.answered(demo, &Person::new(demo).allow(&asked.link)?, "code")?;
    expect_invalid_grant(redeem(demo, &client, &code, other.verifier)?)
}

pub(crate) fn revocation(demo: &Demo) -> anyhow::Result<()> {
    let user = SignedIn::at(demo, demo.own_client(WEB)?)?;
    let token = refresh_token(&user.answer)?;
    let endpoint = RevocationUrl::new(format!("{}oauth/revoke", demo.issuer))?;
    let revoking = user.client.clone().set_revocation_url(endpoint);
    revoking.revoke_token(token.clone().into())?.request(&|request| demo.send(request))?;
    expect_invalid_grant(refresh(demo, &user.client, token)?)
}

pub(crate) fn logout(demo: &Demo) -> anyhow::Result<()> {
    let (client, person) = (demo.own_client(WEB)?, Person::new(demo));
    let user = SignedIn::with(demo, client.clone(), &person)?;
    let again = demo.ask(&client, SCOPES, Some(CoreAuthPrompt::None));
    again.answered(demo, &person.open(&again.link)?, "code").context("the session is not known")?;

    let provider = ProviderMetadataWithLogout::discover(&demo.issuer()?, &|request| demo.send(request))?;
    let endpoint = provider.additional_metadata().end_session_endpoint.clone().context("no end_session_endpoint")?;
    let state = CsrfToken::new_random();
    let link = LogoutRequest::from(endpoint)
        .set_id_token_hint(user.id_token()?)
        .set_client_id(client.client_id().clone())
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(GOODBYE.to_owned())?)
        .set_state(state.clone())
        .http_get_url();
    let left = person.open(&link)?;
    ensure!(left.as_str() == format!("{GOODBYE}?state={}", state.secret()), "the browser went to {left}");

    let after = demo.ask(&client, SCOPES, Some(CoreAuthPrompt::None));
    let error = after.answered(demo, &person.open(&after.link)?, "error")?;
    ensure!(error == "login_required", "the error is {error}");
    Ok(())
}

pub(crate) fn registration(demo: &Demo) -> anyhow::Result<()> {
    let token = demo.told("MINTAGE_INITIAL_ACCESS_TOKEN")?;
    let endpoint = demo.discover()?.registration_endpoint().cloned().context("no registration_endpoint")?;
    let request = new_registration()?.set_initial_access_token(Some(AccessToken::new(token)));
    let registered = request.register(&endpoint, &|request| demo.send(request))?;
    ensure!(registered.registration_access_token().is_some(), "no registration_access_token");
    ensure!(registered.registration_client_uri().is_some(), "no registration_client_uri");

    let (id, secret) = (registered.client_id().clone(), registered.client_secret().cloned());
    let client = demo.client(id, Some(secret.context("no client_secret")?), NATIVE_URI)?.disable_openid_scope();
    let asked = demo.ask(&client, &["read:demo", "offline_access"], None);
    let code = asked.answered(demo, &Person::new(demo).allow(&asked.link)?, "code")?;
    let answer = granted(redeem(demo, &client, &code, asked.verifier)?)?;
    ensure!(answer.id_token().is_none(), "a third party got an ID token");
    granted(refresh(demo, &client, refresh_token(&answer)?)?)?;
    Ok(())
}

pub(crate) fn registration_without_token(demo: &Demo) -> anyhow::Result<()> {
    let endpoint = demo.discover()?.registration_endpoint().cloned().context("no registration_endpoint")?;
    match new_registration()?.register(&endpoint, &|request| demo.send(request)) {
        Err(ClientRegistrationError::Response(StatusCode::UNAUTHORIZED, ..)) => Ok(()),
        other => bail!("the answer is {other:?}"),
    }
}

/// A user who signed in at a client, and what the client got for it.
struct SignedIn {
    client: Client,
    nonce: Nonce,
    answer: CoreTokenResponse,
}

impl SignedIn {
    fn at(demo: &Demo, client: Client) -> anyhow::Result<Self> {
        Self::with(demo, client, &Person::new(demo))
    }

    fn with(demo: &Demo, client: Client, person: &Person<'_>) -> anyhow::Result<Self> {
        let asked = demo.ask(&client, SCOPES, None);
        let code = asked.answered(demo, &person.allow(&asked.link)?, "code")?;
        let Asked { nonce, verifier, .. } = asked;
        let answer = granted(redeem(demo, &client, &code, verifier)?)?;
        Ok(Self { client, nonce, answer })
    }

    fn id_token(&self) -> anyhow::Result<&CoreIdToken> {
        self.answer.id_token().context("no ID token")
    }

    /// The claims of the ID token, verified by the key set that was discovered.
    fn claims(&self) -> anyhow::Result<&CoreIdTokenClaims> {
        Ok(self.id_token()?.claims(&self.client.id_token_verifier(), &self.nonce)?)
    }
}

fn verified(demo: &Demo, prefix: &str, algorithm: &CoreJwsSigningAlgorithm) -> anyhow::Result<()> {
    let user = SignedIn::at(demo, demo.own_client(prefix)?)?;
    let claims = user.claims()?;
    ensure!(claims.email().is_some_and(|email| **email == demo.email), "the address is {:?}", claims.email());
    ensure!(claims.auth_time().is_some(), "no auth_time");

    let (id_token, verifier) = (user.id_token()?, user.client.id_token_verifier());
    ensure!(id_token.signing_alg()? == algorithm, "signed with {:?}", id_token.signing_alg());
    let key = id_token.signing_key(&verifier)?;
    let hash = AccessTokenHash::from_token(user.answer.access_token(), algorithm, key)?;
    ensure!(claims.access_token_hash() == Some(&hash), "at_hash is {:?}", claims.access_token_hash());
    Ok(())
}

type Answer = Result<CoreTokenResponse, CoreErrorResponseType>;

fn redeem(demo: &Demo, client: &Client, code: &str, verifier: PkceCodeVerifier) -> anyhow::Result<Answer> {
    let request = client.exchange_code(AuthorizationCode::new(code.to_owned()))?.set_pkce_verifier(verifier);
    answer(request.request(&|request| demo.send(request)))
}

fn refresh(demo: &Demo, client: &Client, token: &RefreshToken) -> anyhow::Result<Answer> {
    answer(client.exchange_refresh_token(token)?.request(&|request| demo.send(request)))
}

/// The outer error: no OAuth answer at all.
fn answer(
    got: Result<CoreTokenResponse, RequestTokenError<ureq::Error, StandardErrorResponse<CoreErrorResponseType>>>,
) -> anyhow::Result<Answer> {
    match got {
        Ok(answer) => Ok(Ok(answer)),
        Err(RequestTokenError::ServerResponse(error)) => Ok(Err(error.error().clone())),
        Err(other) => Err(other).context("no OAuth answer"),
    }
}

fn granted(answer: Answer) -> anyhow::Result<CoreTokenResponse> {
    answer.map_err(|error| anyhow::anyhow!("refused: {error:?}"))
}

fn expect_invalid_grant(answer: Answer) -> anyhow::Result<()> {
    match answer {
        Err(CoreErrorResponseType::InvalidGrant) => Ok(()),
        Err(other) => bail!("the error is {other:?}"),
        Ok(_) => bail!("a token was issued"),
    }
}

fn refresh_token(answer: &CoreTokenResponse) -> anyhow::Result<&RefreshToken> {
    answer.refresh_token().context("no refresh token")
}

fn new_registration() -> anyhow::Result<CoreClientRegistrationRequest> {
    let redirect_uris = vec![RedirectUrl::new(NATIVE_URI.to_owned())?];
    let mut name = LocalizedClaim::new();
    name.insert(None, ClientName::new("A client that registers".to_owned()));
    Ok(CoreClientRegistrationRequest::new(redirect_uris, EmptyAdditionalClientMetadata {})
        .set_client_name(Some(name))
        .set_grant_types(Some(vec![CoreGrantType::AuthorizationCode, CoreGrantType::RefreshToken]))
        .set_token_endpoint_auth_method(Some(CoreClientAuthMethod::ClientSecretBasic)))
}

const WEB: &str = "MINTAGE_WEB";
const ES256: &str = "MINTAGE_ES256";
const SCOPES: &[&str] = &["email", "read:demo", "offline_access"];
const GOODBYE: &str = "https://web.interop.test/goodbye";
const NATIVE_URI: &str = "http://127.0.0.1:4998/callback";
