//! `mintage token`.

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use mintage_api::token::IssueTokenResponse;
use mintage_chassis::access::MANAGEMENT_AUDIENCE;

use super::decode::Decoded;
use super::signature;
use crate::commands::arguments::scopes;
use crate::failure::Usage;
use crate::output::{Answer, Block};
use crate::profile::{CLIENT_SECRET_VARIABLE, Credentials, Key, Profile};
use crate::session::{Session, request_of};

/// `mintage token`.
#[derive(Debug, Args)]
#[command(after_help = "\
A client's secret comes from a file, from MINTAGE_CLIENT_SECRET or from the profile, never from
the command line, where every process could read it.

Examples:
  $ curl -H \"Authorization: Bearer $(mintage token)\" https://demo.example.com/
  $ mintage token --decode
  $ mintage token --scope read:demo --output json
  $ mintage token --client-id p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf \\
      --client-secret-file billing.secret --audience https://billing.example.com/")]
pub(crate) struct Arguments {
    /// The client to be; the profile's demo client unless told
    #[arg(long, value_name = "CLIENT_ID", allow_hyphen_values = true, conflicts_with = "operator")]
    client_id: Option<String>,
    /// The file with its secret; - for stdin
    #[arg(long, value_name = "FILE", requires = "client_id")]
    client_secret_file: Option<PathBuf>,
    /// As the profile's operator, for the Management API unless told
    #[arg(long)]
    operator: bool,
    /// The API; the profile's demo API unless told, '' for the tenant's default
    #[arg(long)]
    audience: Option<String>,
    /// A scope to ask for; repeatable, or several with spaces between; all that are granted unless told
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The tenant of the client; the profile's unless told
    #[arg(long)]
    tenant: Option<String>,
    /// The issuer to name in the token, one of the tenant's; the profile's, or the tenant's first, unless told
    #[arg(long)]
    issuer: Option<String>,
    /// Shows the token's header and claims instead, and whether its signature holds
    #[arg(long)]
    decode: bool,
}

/// Fetches a token.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let profile = &session.profile;
    let audience = arguments.audience(profile);
    let tenant = arguments.tenant(profile);
    let mut request = request_of(arguments.credentials(profile)?, tenant, &audience);
    request.issuer = arguments.issuer(profile);
    request.scopes = scopes(&arguments.scopes);
    let answer = session.tokens().await?.issue_token(request).await?.into_inner();
    if !arguments.decode {
        return shown(answer);
    }
    let decoded = Decoded::from_token(&answer.access_token)?;
    let verdict = signature::check(&decoded, tenant, session).await;
    decoded.answer(session.clock.now(), verdict)
}

/// The token, with what goes with it.
pub(super) fn shown(answer: IssueTokenResponse) -> anyhow::Result<Answer> {
    let IssueTokenResponse { access_token, token_type, expires_in, scopes, refresh_token, id_token } = answer;
    let answer = Answer::default().with("access_token", &access_token)?.with("token_type", token_type)?;
    let mut answer = answer.with("expires_in", expires_in)?.with("scopes", scopes)?;
    for (name, token) in [("refresh_token", refresh_token), ("id_token", id_token)] {
        if !token.is_empty() {
            answer = answer.with(name, token)?;
        }
    }
    Ok(answer.block(Block::Text(access_token)))
}

impl Arguments {
    fn credentials(&self, profile: &Profile) -> anyhow::Result<Credentials> {
        let Some(client_id) = self.client_id.clone() else {
            return Ok(if self.operator { profile.operator()? } else { profile.demo()? });
        };
        if let Some(file) = &self.client_secret_file {
            let client_secret = secret_in(file).with_context(|| format!("{} cannot be read", file.display()))?;
            return Ok(Credentials { client_id, client_secret });
        }
        if let Some(secret) = profile.client_secret() {
            return Ok(Credentials { client_id, client_secret: secret.to_owned() });
        }
        let known = [profile.demo(), profile.operator()].into_iter().flatten();
        let missing =
            || format!("no secret of client {client_id}: give --client-secret-file, or set {CLIENT_SECRET_VARIABLE}");
        Ok(known.into_iter().find(|known| known.client_id == client_id).ok_or_else(|| Usage(missing()))?)
    }

    fn tenant<'a>(&'a self, profile: &'a Profile) -> &'a str {
        self.tenant.as_deref().unwrap_or(profile.tenant())
    }

    /// The profile speaks of its own tenant's API and issuer.
    fn is_elsewhere(&self, profile: &Profile) -> bool {
        self.tenant(profile) != profile.tenant()
    }

    fn audience(&self, profile: &Profile) -> String {
        match &self.audience {
            Some(audience) => audience.clone(),
            None if self.operator => MANAGEMENT_AUDIENCE.to_owned(),
            None if self.is_elsewhere(profile) => String::new(),
            None => profile.get(Key::DemoAudience).unwrap_or_default().to_owned(),
        }
    }

    fn issuer(&self, profile: &Profile) -> String {
        let by_default = || profile.get(Key::Issuer).filter(|_| !self.is_elsewhere(profile));
        self.issuer.as_deref().or_else(by_default).unwrap_or_default().to_owned()
    }
}

/// A secret out of a file, or of stdin where that is `-`, without the end of its line.
pub(crate) fn secret_in(file: &PathBuf) -> io::Result<String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().lock().take(LONGEST).read_to_string(&mut text)?;
    } else {
        fs::File::open(file)?.take(LONGEST).read_to_string(&mut text)?;
    }
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(text)
}

/// More than any secret has.
const LONGEST: u64 = 4096;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn arguments(line: &[&str]) -> Arguments {
        Line::try_parse_from([&["token"], line].concat()).unwrap().arguments
    }

    fn profile(client_secret: Option<&str>) -> Profile {
        let folder = tempfile::tempdir().unwrap();
        Profile::load(None, folder.path(), |name| {
            let value = match name {
                "MINTAGE_ISSUER" => "http://localhost:8080/",
                "MINTAGE_CLIENT_SECRET" => client_secret?,
                "DEMO_CLIENT_ID" => "demo",
                "DEMO_CLIENT_SECRET" => "demo-secret",
                "DEMO_AUDIENCE" => "urn:demo",
                "OPERATOR_CLIENT_ID" => "operator",
                "OPERATOR_CLIENT_SECRET" => "operator-secret",
                _ => return None,
            };
            Some(value.to_owned())
        })
        .unwrap()
    }

    fn as_whom(line: &[&str], profile: &Profile) -> (String, String) {
        let Credentials { client_id, client_secret } = arguments(line).credentials(profile).unwrap();
        (client_id, client_secret)
    }

    fn pair(client_id: &str, client_secret: &str) -> (String, String) {
        (client_id.to_owned(), client_secret.to_owned())
    }

    #[test]
    fn a_token_is_the_demo_clients_for_the_demo_api_unless_told() {
        let profile = profile(None);
        assert_eq!(as_whom(&[], &profile), pair("demo", "demo-secret"));
        assert_eq!(arguments(&[]).audience(&profile), "urn:demo");
        assert_eq!(arguments(&[]).issuer(&profile), "http://localhost:8080/");
        assert_eq!(arguments(&["--audience", ""]).audience(&profile), "");
    }

    #[test]
    fn an_operators_token_is_for_the_management_api() {
        let profile = profile(None);
        assert_eq!(as_whom(&["--operator"], &profile), pair("operator", "operator-secret"));
        assert_eq!(arguments(&["--operator"]).audience(&profile), MANAGEMENT_AUDIENCE);
    }

    #[test]
    fn another_tenant_has_neither_the_profiles_api_nor_its_issuer() {
        let (profile, elsewhere) = (profile(None), arguments(&["--tenant", "acme"]));
        assert_eq!((elsewhere.audience(&profile), elsewhere.issuer(&profile)), (String::new(), String::new()));
    }

    #[test]
    fn a_profile_of_another_tenant_is_at_home_there() {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::load(None, folder.path(), |name| match name {
            "MINTAGE_TENANT" => Some("acme".to_owned()),
            "MINTAGE_ISSUER" => Some("https://acme.example.com/".to_owned()),
            _ => None,
        });
        let profile = profile.unwrap();
        for line in [[].as_slice(), &["--tenant", "acme"]] {
            let arguments = arguments(line);
            assert_eq!(arguments.tenant(&profile), "acme");
            assert_eq!(arguments.issuer(&profile), "https://acme.example.com/");
        }
        let elsewhere = arguments(&["--tenant", "default"]);
        assert_eq!((elsewhere.tenant(&profile), elsewhere.issuer(&profile)), ("default", String::new()));
    }

    #[test]
    fn a_named_clients_secret_comes_from_the_file_then_the_environment_then_the_profile() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, "from-file\n").unwrap();
        let file = file.to_str().unwrap();
        let (with, without) = (profile(Some("from-environment")), profile(None));
        assert_eq!(as_whom(&["--client-id", "c", "--client-secret-file", file], &with), pair("c", "from-file"));
        assert_eq!(as_whom(&["--client-id", "demo"], &with), pair("demo", "from-environment"));
        assert_eq!(as_whom(&["--client-id", "operator"], &without), pair("operator", "operator-secret"));
        let refusal = arguments(&["--client-id", "c"]).credentials(&without).err().unwrap();
        assert!(refusal.is::<Usage>(), "{refusal}");
    }

    #[test]
    fn only_the_end_of_the_line_is_cut_from_a_secret_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, " a b \r\n\n").unwrap();
        assert_eq!(secret_in(&file).unwrap(), " a b ");
        assert!(secret_in(&Path::new("/absent/secret").to_path_buf()).is_err());
    }

    #[test]
    fn a_secret_on_the_command_line_is_not_understood() {
        assert!(Line::try_parse_from(["token", "--client-id", "c", "--client-secret", "s"]).is_err());
    }
}
