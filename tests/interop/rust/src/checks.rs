//! What is checked: tokens that verify, and the right error for each wrong request.

use anyhow::{Context, bail, ensure};
use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{AuthType, ClientId, ClientSecret, RequestTokenError, Scope, TokenResponse, TokenUrl};

use crate::demo::Demo;
use crate::verifier::verify;

pub(crate) async fn token_by_body(demo: &Demo) -> anyhow::Result<()> {
    verified(demo, AuthType::RequestBody).await
}

pub(crate) async fn token_by_basic(demo: &Demo) -> anyhow::Result<()> {
    verified(demo, AuthType::BasicAuth).await
}

pub(crate) async fn narrower_scope(demo: &Demo) -> anyhow::Result<()> {
    let answer =
        ask(demo, Ask { scope: Some("read:demo"), ..Ask::of(demo) }).await?.map_err(|error| refused(&error))?;
    let claims = verify(demo, answer.access_token().secret()).await?;
    ensure!(claims.scope == "read:demo", "scope is {}", claims.scope);
    Ok(())
}

pub(crate) async fn bad_secret(demo: &Demo) -> anyhow::Result<()> {
    let asked = Ask { secret: "mcs_wrong", ..Ask::of(demo) };
    expect_error(demo, asked, &BasicErrorResponseType::InvalidClient).await
}

pub(crate) async fn unknown_audience(demo: &Demo) -> anyhow::Result<()> {
    let asked = Ask { audience: "https://unknown.mintage.test/", ..Ask::of(demo) };
    expect_error(demo, asked, &BasicErrorResponseType::Extension("invalid_target".to_owned())).await
}

pub(crate) async fn ungranted_scope(demo: &Demo) -> anyhow::Result<()> {
    let asked = Ask { scope: Some("delete:demo"), ..Ask::of(demo) };
    expect_error(demo, asked, &BasicErrorResponseType::InvalidScope).await
}

/// A token request, right unless told otherwise.
struct Ask<'a> {
    secret: &'a str,
    audience: &'a str,
    scope: Option<&'a str>,
    by: AuthType,
}

impl<'a> Ask<'a> {
    fn of(demo: &'a Demo) -> Self {
        Self { secret: &demo.client_secret, audience: &demo.audience, scope: None, by: AuthType::RequestBody }
    }
}

type Answer = Result<BasicTokenResponse, BasicErrorResponseType>;

/// The outer error: no OAuth answer at all.
async fn ask(demo: &Demo, asked: Ask<'_>) -> anyhow::Result<Answer> {
    let client = BasicClient::new(ClientId::new(demo.client_id.clone()))
        .set_client_secret(ClientSecret::new(asked.secret.to_owned()))
        .set_auth_type(asked.by)
        .set_token_uri(TokenUrl::new(demo.token_url.clone())?);
    let mut request = client.exchange_client_credentials().add_extra_param("audience", asked.audience);
    if let Some(scope) = asked.scope {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    match request.request_async(&|request| demo.send(request)).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(RequestTokenError::ServerResponse(error)) => Ok(Err(error.error().clone())),
        Err(other) => Err(other).context("no OAuth answer"),
    }
}

async fn verified(demo: &Demo, by: AuthType) -> anyhow::Result<()> {
    let answer = ask(demo, Ask { by, ..Ask::of(demo) }).await?.map_err(|error| refused(&error))?;
    ensure!(answer.expires_in().is_some_and(|lifetime| !lifetime.is_zero()), "expires_in is {:?}", answer.expires_in());
    let claims = verify(demo, answer.access_token().secret()).await?;
    ensure!(claims.client_id == demo.client_id, "client_id is {}", claims.client_id);
    ensure!(claims.sub == format!("{}@clients", demo.client_id), "sub is {}", claims.sub);
    ensure!(claims.scope == "read:demo write:demo", "scope is {}", claims.scope);
    ensure!(!claims.jti.is_empty(), "jti is empty");
    Ok(())
}

async fn expect_error(demo: &Demo, asked: Ask<'_>, expected: &BasicErrorResponseType) -> anyhow::Result<()> {
    match ask(demo, asked).await? {
        Ok(_) => bail!("a token was issued"),
        Err(error) => {
            ensure!(error == *expected, "the error is {error:?}, not {expected:?}");
            Ok(())
        }
    }
}

fn refused(error: &BasicErrorResponseType) -> anyhow::Error {
    anyhow::anyhow!("refused: {error:?}")
}
