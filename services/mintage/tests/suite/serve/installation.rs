//! All four services, each in a process, on ports of their own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use mintage_chassis::ServiceName;
use mintage_chassis::identity::{Authority, Validity};
use mintage_clock::Clock;
use serde_json::Value;
use tempfile::TempDir;

use super::process::Process;
use super::wire::{Post, Wire};
use crate::running::{Outcome, mintage};

/// How the services speak with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speech {
    Plaintext,
    MutualTls,
}

/// An installation that is set up, with an operator.
pub(super) struct Installation {
    pub(super) folder: TempDir,
    pub(super) edge: Process,
    pub(super) token: Process,
    pub(super) registry: Process,
    pub(super) keys: Process,
}

impl Installation {
    /// Starts it on SQLite files of its own.
    pub(super) fn start(speech: Speech) -> Self {
        Self::on("sqlite://keys.sqlite?mode=rwc", "sqlite://registry.sqlite?mode=rwc", speech)
    }

    /// Starts it on two databases, the keys' and the registry's.
    pub(super) fn on(keys_url: &str, registry_url: &str, speech: Speech) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { folder: folder.path(), speech };
        settings.write_keys();
        let wire = Wire::new();
        settings.write(
            "key-management",
            keys_url,
            "master_key_file = 'master.key'",
            &[("client_registry", wire.address)],
        );
        let keys = Process::start(folder.path(), "key-management");
        let of_keys = ("key_management", keys.address("internal"));
        let secrets = "pepper_file = 'pepper'\npage_token_key_file = 'page-token.key'";
        settings.write("client-registry", registry_url, secrets, &[of_keys]);
        let registry = Process::start(folder.path(), "client-registry");
        let of_registry = ("client_registry", registry.address("internal"));
        wire.lead_to(of_registry.1);
        settings.write("token", "", "pepper_file = 'pepper'", &[of_keys, of_registry]);
        let token = Process::start(folder.path(), "token");
        settings.write("edge", "", "", &[of_keys, of_registry, ("token", token.address("internal"))]);
        let edge = Process::start(folder.path(), "edge");
        let installation = Self { folder, edge, token, registry, keys };
        let outcome = installation.bootstrap(&["--write", "operator.env"]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        installation
    }

    /// Runs `mintage bootstrap` for the origin that the edge serves.
    pub(super) fn bootstrap(&self, more: &[&str]) -> Outcome {
        let origin = format!("http://{}", self.edge.address("http"));
        let command = ["bootstrap", "--config", "client-registry.toml", "--origin", &origin];
        let mut process = mintage(self.folder.path());
        Outcome::of(process.current_dir(self.folder.path()).args(command).args(more).stdin(Stdio::null()))
    }

    /// Runs an operator's command against the public doors.
    pub(super) fn operate(&self, arguments: &[&str]) -> Outcome {
        let scheme = if self.folder.path().join("ca.pem").exists() { "https" } else { "http" };
        let at = |process: &Process| format!("{scheme}://localhost:{}", process.address("public").port());
        let mut command = mintage(self.folder.path());
        command
            .current_dir(self.folder.path())
            .env("MINTAGE_PROFILE", "operator.env")
            .env("MINTAGE_CA", "ca.pem")
            .env("MINTAGE_GRPC", at(&self.token))
            .env("MINTAGE_REGISTRY_GRPC", at(&self.registry))
            .env("MINTAGE_KEYS_GRPC", at(&self.keys))
            .args(arguments)
            .stdin(Stdio::null());
        Outcome::of(&mut command)
    }

    /// A value of the operator's profile.
    pub(super) fn operator(&self, key: &str) -> String {
        let text = fs::read_to_string(self.folder.path().join("operator.env")).unwrap();
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap().to_owned()
    }

    /// What the operator asks for a token with.
    pub(super) fn form(&self) -> String {
        let (id, secret) = (self.operator("OPERATOR_CLIENT_ID"), self.operator("OPERATOR_CLIENT_SECRET"));
        let of = format!("client_id={id}&client_secret={secret}");
        format!("grant_type=client_credentials&{of}&audience=urn:mintage:management")
    }

    /// Asks the edge for the operator's token.
    pub(super) fn fetch_token(&self) -> String {
        self.try_token().unwrap()
    }

    /// The same, or the refusal.
    pub(super) fn try_token(&self) -> Result<String, String> {
        let (status, body) = Post::begin(self.edge.address("http"), "/oauth/token", &self.form()).finish();
        if status != "HTTP/1.1 200 OK" {
            return Err(body);
        }
        let answer: Value = serde_json::from_str(&body).unwrap();
        Ok(answer["access_token"].as_str().unwrap().to_owned())
    }
}

/// Writes the settings of an installation.
struct Settings<'s> {
    folder: &'s Path,
    speech: Speech,
}

impl Settings<'_> {
    fn write_keys(&self) {
        for (name, byte) in [("master.key", 1), ("pepper", 2), ("page-token.key", 3)] {
            fs::write(self.folder.join(name), [byte; 32]).unwrap();
        }
        if self.speech == Speech::Plaintext {
            return;
        }
        let validity = Validity::starting(Clock::System.now(), Duration::from_hours(1));
        let authority = Authority::create("mintage.test".parse().unwrap(), validity).unwrap();
        fs::write(self.folder.join("ca.pem"), authority.certificate()).unwrap();
        let services =
            [ServiceName::EDGE, ServiceName::TOKEN, ServiceName::CLIENT_REGISTRY, ServiceName::KEY_MANAGEMENT];
        for service in services {
            let issued = authority.issue(service, &["localhost".to_owned()], validity).unwrap();
            fs::write(self.folder.join(format!("{service}.pem")), issued.certificate).unwrap();
            fs::write(self.folder.join(format!("{service}.key")), issued.private_key.as_str()).unwrap();
        }
    }

    fn write(&self, service: &str, database: &str, secrets: &str, siblings: &[(&str, SocketAddr)]) {
        let siblings: String = siblings.iter().map(|(name, address)| format!("{name} = '{address}'\n")).collect();
        let listen =
            if service == "edge" { "http = '127.0.0.1:0'" } else { "internal = '127.0.0.1:0'\npublic = '127.0.0.1:0'" };
        let tls = match self.speech {
            Speech::Plaintext => "insecure_plaintext = true".to_owned(),
            Speech::MutualTls => format!(
                "trust_domain = 'mintage.test'\nauthorities = 'ca.pem'\n\
                 certificate = '{service}.pem'\nprivate_key = '{service}.key'\n\
                 public_certificate = '{service}.pem'\npublic_private_key = '{service}.key'"
            ),
        };
        let mut text = format!("[listen]\n{listen}\nhealth = '127.0.0.1:0'\n[tls]\n{tls}\n[siblings]\n{siblings}");
        if !secrets.is_empty() {
            text += &format!("[secrets]\n{secrets}\n");
        }
        if !database.is_empty() {
            text += &format!("[database]\nurl = '{database}'\nmigrate_on_start = true\n");
        }
        fs::write(self.folder.join(format!("{service}.toml")), text).unwrap();
    }
}
