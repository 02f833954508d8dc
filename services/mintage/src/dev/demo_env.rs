//! `demo.env`: what a client of `mintage dev` needs, as lines a shell can source.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use mintage_oauth::TenantId;

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
        ];
        lines.iter().map(|(name, value)| env_file::line(name, value)).collect()
    }
}

/// The credentials that an earlier start wrote to `path`: the demo client's and the operator's; `None` where the file
/// or a line of it is missing.
///
/// # Errors
/// When the file or a line of it is there and cannot be read: new credentials would take the place of those it holds.
pub(super) fn earlier_credentials(path: &Path) -> Result<(Option<Credentials>, Option<Credentials>)> {
    if !path.exists() {
        return Ok((None, None));
    }
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let of = |who| credentials(&text, who).with_context(|| format!("{} cannot be read", path.display()));
    Ok((of("DEMO")?, of("OPERATOR")?))
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
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DemoEnv::FILE);
        fs::write(&path, env.render()).unwrap();
        assert!(env.render().contains("MINTAGE_TOKEN_URL=http://127.0.0.1:8080/oauth/token\n"));
        assert!(env.render().contains("MINTAGE_CA='/it'\\''s my $data/ca.pem'\n"));
        assert!(earlier_credentials(&path).unwrap() == (Some(env.demo), Some(env.operator)));
        assert!(earlier_credentials(&folder.path().join("absent")).unwrap() == (None, None));
    }

    #[test]
    fn credentials_that_cannot_be_read_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DemoEnv::FILE);
        fs::write(&path, "DEMO_CLIENT_ID=a\nDEMO_CLIENT_SECRET='b\n").unwrap();
        let refusal = earlier_credentials(&path).err().unwrap();
        assert!(format!("{refusal:#}").contains("line 2: a quote is not closed"), "{refusal:#}");
    }
}
