//! Writes what each process of an installation is told.

#![expect(clippy::expect_used, reason = "a test that cannot write its settings has failed")]

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use mintage_chassis::ServiceName;

use super::certificates::TRUST_DOMAIN;
use super::{Plan, Speech};

/// The keys that services keep to themselves.
pub(super) fn write_secrets(folder: &Path) {
    for (name, byte) in [("master.key", 1), ("pepper", 2), ("page-token.key", 3), ("consent-pepper", 4)] {
        fs::write(folder.join(name), [byte; 32]).expect("the key can be written");
    }
    fs::write(folder.join("other-master-keys"), "").expect("the list can be written");
}

/// Where one process listens and whom it calls.
pub(super) struct Place<'p> {
    pub(super) service: ServiceName,
    pub(super) doors: Vec<(&'static str, SocketAddr)>,
    /// Each with its addresses.
    pub(super) siblings: &'p [(ServiceName, Vec<SocketAddr>)],
}

/// Writes the file `name` for the process at `place`.
pub(super) fn write(folder: &Path, name: &str, place: &Place<'_>, plan: &Plan) {
    let service = place.service;
    let mut text = String::from("[listen]\n");
    for (door, address) in &place.doors {
        let _ = writeln!(text, "{door} = '{address}'");
    }
    let _ = write!(text, "[tls]\n{}\n[siblings]\n", tls(service, plan.speech));
    for (sibling, addresses) in place.siblings.iter().filter(|(sibling, _)| calls(service).contains(sibling)) {
        let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "{} = '{}'", sibling.as_str().replace('-', "_"), addresses.join(","));
    }
    if let Some(secrets) = secrets(service) {
        let _ = writeln!(text, "[secrets]\n{secrets}");
    }
    if let Some(url) = database(service, plan) {
        let _ = writeln!(text, "[database]\nurl = '{url}'\nmigrate_on_start = true");
    }
    fs::write(folder.join(name), text).expect("the settings can be written");
}

/// The doors of a service.
pub(super) fn doors(service: ServiceName) -> &'static [&'static str] {
    if matches!(service, ServiceName::EDGE) { &["http", "health"] } else { &["internal", "public", "health"] }
}

/// Whom a service calls.
pub(super) fn calls(service: ServiceName) -> &'static [ServiceName] {
    match service {
        ServiceName::EDGE => {
            &[ServiceName::TOKEN, ServiceName::CONSENT, ServiceName::CLIENT_REGISTRY, ServiceName::KEY_MANAGEMENT]
        }
        ServiceName::TOKEN => &[ServiceName::CONSENT, ServiceName::CLIENT_REGISTRY, ServiceName::KEY_MANAGEMENT],
        ServiceName::CONSENT => &[ServiceName::CLIENT_REGISTRY, ServiceName::KEY_MANAGEMENT],
        ServiceName::CLIENT_REGISTRY => &[ServiceName::KEY_MANAGEMENT],
        _ => &[ServiceName::CLIENT_REGISTRY],
    }
}

fn tls(service: ServiceName, speech: Speech) -> String {
    match speech {
        Speech::Plaintext => "insecure_plaintext = true".to_owned(),
        Speech::MutualTls => format!(
            "trust_domain = '{TRUST_DOMAIN}'\nauthorities = 'ca.pem'\n\
             certificate = '{service}.pem'\nprivate_key = '{service}.key'\n\
             public_certificate = '{service}.pem'\npublic_private_key = '{service}.key'"
        ),
    }
}

fn secrets(service: ServiceName) -> Option<&'static str> {
    match service {
        ServiceName::KEY_MANAGEMENT => {
            Some("master_key_file = 'master.key'\nother_master_keys_file = 'other-master-keys'")
        }
        ServiceName::CLIENT_REGISTRY => Some("pepper_file = 'pepper'\npage_token_key_file = 'page-token.key'"),
        ServiceName::CONSENT => Some("pepper_file = 'consent-pepper'\npage_token_key_file = 'page-token.key'"),
        ServiceName::TOKEN => Some("pepper_file = 'pepper'"),
        _ => None,
    }
}

fn database(service: ServiceName, plan: &Plan) -> Option<&str> {
    match service {
        ServiceName::KEY_MANAGEMENT => Some(&plan.keys_url),
        ServiceName::CLIENT_REGISTRY => Some(&plan.registry_url),
        ServiceName::CONSENT => Some(&plan.consent_url),
        _ => None,
    }
}
