//! The server and the clients that are told of it, and the HTTP client that trusts its certificate.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, ensure};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::url::Url;
use openidconnect::{
    ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// What a stranger is told.
pub(crate) struct Demo {
    lines: BTreeMap<String, String>,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) http: Agent,
}

/// A client that `openidconnect` made from what it discovered.
pub(crate) type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// How a client asked a user, and what it holds the answer against.
pub(crate) struct Asked {
    pub(crate) link: Url,
    pub(crate) state: CsrfToken,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: PkceCodeVerifier,
}

impl Asked {
    /// What the server answered under `name` in the query, once the state and the issuer (RFC 9207) are held against what
    /// was asked.
    pub(crate) fn answered(&self, demo: &Demo, callback: &Url, name: &str) -> anyhow::Result<String> {
        let answered =
            |name: &str| callback.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned());
        ensure!(answered("state").as_deref() == Some(self.state.secret()), "another state: {callback}");
        ensure!(answered("iss").as_ref() == Some(&demo.issuer), "another issuer: {callback}");
        answered(name).with_context(|| format!("no {name}: {callback}"))
    }
}

impl Demo {
    pub(crate) fn read(file: &str) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.to_owned())?;
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let lines = lines.map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned())).collect();
        let told = |name: &str| told(&lines, name);
        let ca = Certificate::from_pem(&fs::read(told("MINTAGE_CA")?)?)?;
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[ca])).build();
        let http = Agent::config_builder().tls_config(tls).max_redirects(0).http_status_as_error(false).proxy(None);
        Ok(Self {
            issuer: told("MINTAGE_HTTPS_ISSUER")?,
            audience: told("DEMO_AUDIENCE")?,
            email: told("DEMO_USER_EMAIL")?,
            password: told("DEMO_USER_PASSWORD")?,
            http: http.build().new_agent(),
            lines,
        })
    }

    pub(crate) fn issuer(&self) -> anyhow::Result<IssuerUrl> {
        Ok(IssuerUrl::new(self.issuer.clone())?)
    }

    /// What the server says of itself, with its key set.
    pub(crate) fn discover(&self) -> anyhow::Result<CoreProviderMetadata> {
        Ok(CoreProviderMetadata::discover(&self.issuer()?, &|request| self.send(request))?)
    }

    /// What the file says beside the rest.
    pub(crate) fn told(&self, name: &str) -> anyhow::Result<String> {
        told(&self.lines, name)
    }

    /// The client of the installation's own whose lines begin with `prefix`.
    pub(crate) fn own_client(&self, prefix: &str) -> anyhow::Result<Client> {
        let id = ClientId::new(self.told(&format!("{prefix}_CLIENT_ID"))?);
        let secret = ClientSecret::new(self.told(&format!("{prefix}_CLIENT_SECRET"))?);
        self.client(id, Some(secret), REDIRECT_URI)
    }

    pub(crate) fn client(&self, id: ClientId, secret: Option<ClientSecret>, uri: &str) -> anyhow::Result<Client> {
        let redirect_uri = RedirectUrl::new(uri.to_owned())?;
        Ok(CoreClient::from_provider_metadata(self.discover()?, id, secret).set_redirect_uri(redirect_uri))
    }

    /// A request with a code challenge, at the demo API.
    pub(crate) fn ask(&self, client: &Client, scopes: &[&str], prompt: Option<CoreAuthPrompt>) -> Asked {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .set_max_age(Duration::from_mins(10))
            .add_extra_param("audience", &self.audience)
            .set_pkce_challenge(challenge);
        if let Some(prompt) = prompt {
            request = request.add_prompt(prompt);
        }
        let (link, state, nonce) = request.url();
        Asked { link, state, nonce, verifier }
    }

    /// How the crate reaches the network.
    pub(crate) fn send(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (head, mut body) = self.http.run(request)?.into_parts();
        Ok(HttpResponse::from_parts(head, body.read_to_vec()?))
    }
}

fn told(lines: &BTreeMap<String, String>, name: &str) -> anyhow::Result<String> {
    lines.get(name).cloned().with_context(|| format!("no {name}"))
}

const REDIRECT_URI: &str = "https://web.interop.test/callback";
