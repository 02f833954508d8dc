//! `mintage sign-in`: a token that acts for a user, as an application on the user's machine gets one (RFC 8252).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use mintage_api::token::{AuthorizationCodeGrant, IssueTokenRequest, PublicClient, issue_token_request};
use mintage_chassis::Tasks;
use mintage_chassis::door::{Door, DoorLimits, Security};
use mintage_clock::Randomness;
use mintage_jose::digest::sha256;
use mintage_jose::mac::constant_time_eq;
use tokio::sync::mpsc;

use super::came_back;
use super::decode::Decoded;
use super::fetch::shown;
use super::signature;
use crate::failure::Usage;
use crate::output::{self, Answer};
use crate::profile::Key;
use crate::session::Session;

/// `mintage sign-in`.
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a link. Whoever opens it signs in, sees what the application asks for, and agrees or not.
The browser comes back to a port of this machine that listens until then. They are asked each
time: another program on this machine could pose as the application.

Examples:
  $ mintage sign-in
  $ mintage sign-in --scope 'read:demo offline_access' --output json
  $ mintage sign-in --client-id tpc_p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf \\
      --audience https://notes.example.com/ --scope read:notes --decode")]
pub(crate) struct Arguments {
    /// The application to be, a public client with the redirect URI http://127.0.0.1/callback; the profile's demo
    /// application unless told
    #[arg(long, value_name = "CLIENT_ID", allow_hyphen_values = true)]
    client_id: Option<String>,
    /// The API; the profile's demo API unless told
    #[arg(long)]
    audience: Option<String>,
    /// What to ask for, with spaces between
    #[arg(long, default_value = "read:demo write:demo")]
    scope: String,
    /// The issuer that users sign in at; the profile's unless told
    #[arg(long)]
    issuer: Option<String>,
    /// Shows the token's header and claims instead, and whether its signature holds
    #[arg(long)]
    decode: bool,
}

/// Leads a user through the browser, and prints the token.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let asking = Arc::new(arguments.asking(session)?);
    let door = Door::open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Security::Plain, DoorLimits::default()).await?;
    let redirect_uri = format!("http://{}{PATH}", door.address()?);
    let (heard, mut answers) = mpsc::channel(1);
    let tasks = Tasks::new();
    door.unobserved().serve(came_back::router(PATH, heard, Arc::clone(&asking)), &tasks);
    for (issuer, how) in asking.issuers.iter().zip(WAYS) {
        output::remark(&format!("{how}: {}", asking.link(issuer, &redirect_uri)));
    }
    let answer = tokio::time::timeout(PATIENCE, answers.recv()).await;
    tasks.drain().await;
    let answer = answer.ok().flatten().context("nobody came back from the browser in time")?;
    let answered = asking.code(&answer)?;
    let request = asking.request(session, answered, redirect_uri);
    let answer = session.tokens().await?.issue_token(request).await?.into_inner();
    if !arguments.decode {
        return shown(answer);
    }
    let decoded = Decoded::from_token(&answer.access_token)?;
    let verdict = signature::check(&decoded, session.profile.tenant(), session).await;
    decoded.answer(session.clock.now(), verdict)
}

impl Arguments {
    fn asking(&self, session: &Session) -> anyhow::Result<Asking> {
        let told = |given: &Option<String>, key: Key, option: &str| {
            let known = given.clone().or_else(|| session.profile.get(key).map(str::to_owned));
            known.ok_or_else(|| Usage(format!("{} is not in the profile: give {option}", key.as_str())))
        };
        let randomness = Randomness::system();
        let issuer = told(&self.issuer, Key::Issuer, "--issuer")?;
        let secure = session.profile.get(Key::HttpsIssuer).filter(|secure| self.issuer.is_none() && *secure != issuer);
        let secure = secure.map(str::to_owned);
        let issuers = [issuer].into_iter().chain(secure).collect();
        Ok(Asking {
            issuers,
            client_id: told(&self.client_id, Key::DemoAppClientId, "--client-id")?,
            audience: told(&self.audience, Key::DemoAudience, "--audience")?,
            scope: self.scope.clone(),
            state: URL_SAFE_NO_PAD.encode(randomness.bytes::<16>()),
            verifier: URL_SAFE_NO_PAD.encode(randomness.bytes::<32>()),
        })
    }
}

/// What is asked for, and what proves that the answer is to it.
pub(super) struct Asking {
    /// One, or the same over HTTPS too.
    issuers: Vec<String>,
    client_id: String,
    audience: String,
    scope: String,
    state: String,
    verifier: String,
}

impl Asking {
    fn link(&self, issuer: &str, redirect_uri: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(sha256(self.verifier.as_bytes()));
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("audience", &self.audience)
            .append_pair("scope", &self.scope)
            .append_pair("state", &self.state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        format!("{issuer}authorize?{query}")
    }

    /// The code of an answer to this question, and to no other, with whose answer it is (RFC 9207).
    pub(super) fn code(&self, query: &str) -> anyhow::Result<Answered> {
        let value = |name: &str| {
            form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let state = value("state").unwrap_or_default();
        let issuer = value("iss").filter(|issuer| self.issuers.contains(issuer));
        let issuer = issuer.filter(|_| constant_time_eq(state.as_bytes(), self.state.as_bytes()));
        let issuer = issuer.context("what came back from the browser is no answer to this question")?;
        match (value("code"), value("error")) {
            (Some(code), None) => Ok(Answered { issuer, code }),
            (_, error) => {
                let by_user = error.as_deref() == Some("access_denied");
                let why = value("error_description").or(error).unwrap_or_else(|| "nothing is said why".to_owned());
                Err(NoConsent { why, by_user }.into())
            }
        }
    }

    fn request(&self, session: &Session, answered: Answered, redirect_uri: String) -> IssueTokenRequest {
        let Answered { issuer, code } = answered;
        let grant = AuthorizationCodeGrant { code, redirect_uri, code_verifier: self.verifier.clone() };
        let client = PublicClient { client_id: self.client_id.clone() };
        IssueTokenRequest {
            tenant_id: session.profile.tenant().to_owned(),
            issuer,
            grant: Some(issue_token_request::Grant::AuthorizationCode(grant)),
            client_authentication: Some(issue_token_request::ClientAuthentication::PublicClient(client)),
            ..IssueTokenRequest::default()
        }
    }
}

/// The answer to the question is no.
#[derive(Debug, thiserror::Error)]
#[error("no consent: {why}")]
pub(super) struct NoConsent {
    why: String,
    /// Whether it was the user who said so.
    pub(super) by_user: bool,
}

/// A code, and whose it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answered {
    issuer: String,
    code: String,
}

const PATH: &str = "/callback";
/// What is said of the links. The cookies of the pages are for secure connections alone, and not every browser takes this
/// machine for one.
const WAYS: [&str; 2] = ["open in a browser", "or, if it keeps no cookies there"];
const PATIENCE: Duration = Duration::from_mins(10);

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::commands::token) fn asking() -> Asking {
        Asking {
            issuers: vec!["https://id.example/".to_owned(), "https://id.example:8443/".to_owned()],
            client_id: "tpc_app".to_owned(),
            audience: "urn:notes".to_owned(),
            scope: "read:notes".to_owned(),
            state: "state".to_owned(),
            verifier: "verifier".to_owned(),
        }
    }

    #[test]
    fn b28_only_the_answer_to_the_question_brings_a_code() {
        let iss = "iss=https%3A%2F%2Fid.example%2F";
        for (issuer, iss) in
            [("https://id.example/", iss), ("https://id.example:8443/", "iss=https%3A%2F%2Fid.example%3A8443%2F")]
        {
            let expected = Answered { issuer: issuer.to_owned(), code: "a+b".to_owned() };
            assert_eq!(asking().code(&format!("code=a%2Bb&state=state&{iss}")).unwrap(), expected);
        }
        for foreign in [
            format!("code=a&state=other&{iss}"),
            format!("code=a&{iss}"),
            "code=a&state=state".to_owned(),
            "code=a&state=state&iss=https%3A%2F%2Fevil.example%2F".to_owned(),
            format!("state=state&{iss}"),
            format!("code=a&error=access_denied&state=state&{iss}"),
        ] {
            assert!(asking().code(&foreign).is_err(), "{foreign}");
        }
    }

    #[test]
    fn the_link_says_what_is_asked() {
        let link = asking().link("https://id.example/", "http://127.0.0.1:1/callback");
        assert!(link.starts_with("https://id.example/authorize?response_type=code&client_id=tpc_app&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback&"), "{link}");
    }
}
