//! `demo.env`: what a client of `mintage dev` needs, as lines a shell can source.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use mintage_oauth::TenantId;

use super::demo_user::{DemoApp, DemoUser, REDIRECT_URI};
use crate::env_file::{self, Fault};
use crate::profile::Credentials;

/// Everything in the file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct DemoEnv {
    /// The issuer of tokens asked for over plain HTTP.
    pub(super) issuer: String,
    /// The issuer of tokens asked for over HTTPS.
    pub(super) https_issuer: String,
    /// `host:port`; speaks plain text and TLS.
    pub(super) grpc: String,
    /// The development authority's certificate.
    pub(super) ca: String,
    /// The audience of the demo API.
    pub(super) demo_audience: String,
    /// The demo client.
    pub(super) demo: Credentials,
    /// The operator's client.
    pub(super) operator: Credentials,
    /// A third party's application.
    pub(super) app: DemoApp,
    /// A user who may be asked for consent.
    pub(super) user: DemoUser,
}

impl DemoEnv {
    /// The name of the file in the data folder.
    pub(super) const FILE: &str = "demo.env";

    /// Where tokens are asked for over plain HTTP.
    #[must_use]
    pub(super) fn token_url(&self) -> String {
        format!("{}oauth/token", self.issuer)
    }

    /// The file's text.
    #[must_use]
    pub(super) fn render(&self) -> String {
        let token_url = self.token_url();
        let https_token_url = format!("{}oauth/token", self.https_issuer);
        let lines = [
            ("MINTAGE_TENANT", TenantId::DEFAULT),
            ("MINTAGE_ISSUER", &self.issuer),
            ("MINTAGE_HTTPS_ISSUER", &self.https_issuer),
            ("MINTAGE_TOKEN_URL", &token_url),
            ("MINTAGE_HTTPS_TOKEN_URL", &https_token_url),
            ("MINTAGE_GRPC", &self.grpc),
            ("MINTAGE_CA", &self.ca),
            ("DEMO_CLIENT_ID", &self.demo.client_id),
            ("DEMO_CLIENT_SECRET", &self.demo.client_secret),
            ("DEMO_AUDIENCE", &self.demo_audience),
            ("OPERATOR_CLIENT_ID", &self.operator.client_id),
            ("OPERATOR_CLIENT_SECRET", &self.operator.client_secret),
            ("DEMO_APP_CLIENT_ID", &self.app.client_id),
            ("DEMO_APP_REDIRECT_URI", REDIRECT_URI),
            ("DEMO_USER_EMAIL", &self.user.email),
            ("DEMO_USER_PASSWORD", &self.user.password),
        ];
        lines.iter().map(|(name, value)| env_file::line(name, value)).collect()
    }
}

/// What an earlier start wrote; `None` where the file or a line of it is missing.
#[derive(Default)]
pub(super) struct Earlier {
    pub(super) demo: Option<Credentials>,
    pub(super) operator: Option<Credentials>,
    pub(super) app: Option<DemoApp>,
    pub(super) user: Option<DemoUser>,
}

impl Earlier {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When the file or a line of it is there and cannot be read: new credentials would take the place of those it holds.
    pub(super) fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Self::of(&text).with_context(|| format!("{} cannot be read", path.display()))
    }

    fn of(text: &str) -> Result<Self, Fault> {
        let value = |name: &str| env_file::value_of(text, name);
        let user = value("DEMO_USER_EMAIL")?.zip(value("DEMO_USER_PASSWORD")?);
        Ok(Self {
            demo: credentials(text, "DEMO")?,
            operator: credentials(text, "OPERATOR")?,
            app: value("DEMO_APP_CLIENT_ID")?.map(|client_id| DemoApp { client_id }),
            user: user.map(|(email, password)| DemoUser { email, password }),
        })
    }
}

fn credentials(text: &str, who: &str) -> Result<Option<Credentials>, Fault> {
    let value = |name: &str| env_file::value_of(text, &format!("{who}_{name}"));
    let both = value("CLIENT_ID")?.zip(value("CLIENT_SECRET")?);
    Ok(both.map(|(client_id, client_secret)| Credentials { client_id, client_secret }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_found_again() {
        let credentials = |name: &str| Credentials { client_id: name.to_owned(), client_secret: format!("{name}-s") };
        let env = DemoEnv {
            issuer: "http://127.0.0.1:8080/".to_owned(),
            https_issuer: "https://localhost:8443/".to_owned(),
            grpc: "127.0.0.1:9090".to_owned(),
            ca: "/it's my $data/ca.pem".to_owned(),
            demo_audience: "https://demo.mintage.test/".to_owned(),
            demo: credentials("demo"),
            operator: credentials("operator"),
            app: DemoApp { client_id: "tpc_app".to_owned() },
            user: DemoUser { email: "user@example.org".to_owned(), password: "a pass'word".to_owned() },
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DemoEnv::FILE);
        fs::write(&path, env.render()).unwrap();
        assert!(env.render().contains("MINTAGE_TOKEN_URL=http://127.0.0.1:8080/oauth/token\n"));
        assert!(env.render().contains("MINTAGE_CA='/it'\\''s my $data/ca.pem'\n"));
        let earlier = Earlier::read(&path).unwrap();
        assert!(earlier.demo == Some(env.demo) && earlier.operator == Some(env.operator));
        assert!(earlier.app == Some(env.app) && earlier.user == Some(env.user));
        let nothing = Earlier::read(&folder.path().join("absent")).unwrap();
        assert!(nothing.demo.is_none() && nothing.user.is_none());
    }

    #[test]
    fn credentials_that_cannot_be_read_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DemoEnv::FILE);
        fs::write(&path, "DEMO_CLIENT_ID=a\nDEMO_CLIENT_SECRET='b\n").unwrap();
        let refusal = Earlier::read(&path).err().unwrap();
        assert!(format!("{refusal:#}").contains("line 2: a quote is not closed"), "{refusal:#}");
    }
}
