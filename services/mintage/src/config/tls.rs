//! `[tls]`: who a process is to its siblings and to the public. Every path is of a PEM file.

use std::path::PathBuf;
use std::time::Duration;

use mintage_chassis::identity::{IdentityFiles, TrustDomain};
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::error::required;

/// Certificates. Their files are looked at again and again, and what changed is used from the next connection on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsSettings {
    /// The certificate that says to siblings which service this is, `spiffe://<trust-domain>/mintage/<service>`, with
    /// those between it and an authority.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub private_key: Option<PathBuf>,
    /// The authorities whose certificates siblings show.
    pub authorities: Option<PathBuf>,
    /// What the certificates of all services of the installation have in common: `mintage.internal`.
    pub trust_domain: String,
    /// The certificate of the public doors, with those between it and an authority.
    pub public_certificate: Option<PathBuf>,
    /// Its private key.
    pub public_private_key: Option<PathBuf>,
    /// How often the files are looked at: 10 seconds; 100 milliseconds to a day.
    pub reload_interval: Duration,
    /// Plain text in place of TLS everywhere, and every caller believed who it says it is. For trials on one machine:
    /// refused unless every address is loopback.
    pub insecure_plaintext: bool,
}

/// The files of a certificate that is shown to anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) private_key: PathBuf,
}

impl TlsSettings {
    /// Who this process is to its siblings; `None` in plain text.
    pub(crate) fn identity(&self) -> Result<Option<(IdentityFiles, TrustDomain)>, ConfigError> {
        if self.insecure_plaintext {
            return Ok(None);
        }
        let files = IdentityFiles {
            certificate: required("tls.certificate", self.certificate.as_ref())?.clone(),
            private_key: required("tls.private_key", self.private_key.as_ref())?.clone(),
            authorities: required("tls.authorities", self.authorities.as_ref())?.clone(),
        };
        let trust_domain = self.trust_domain.parse();
        Ok(Some((files, trust_domain.map_err(|error| ConfigError::within("tls", format!("trust_domain: {error}")))?)))
    }

    /// Who it is to the public; `None` in plain text, unless that is told all the same.
    pub(crate) fn public(&self) -> Result<Option<PublicFiles>, ConfigError> {
        if self.insecure_plaintext && self.public_certificate.is_none() {
            return Ok(None);
        }
        Ok(Some(PublicFiles {
            certificate: required("tls.public_certificate", self.public_certificate.as_ref())?.clone(),
            private_key: required("tls.public_private_key", self.public_private_key.as_ref())?.clone(),
        }))
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(SHORTEST..=LONGEST).contains(&self.reload_interval) {
            return Err(ConfigError::within("tls", "reload_interval must be from 100 ms to 1 d"));
        }
        self.identity().map(drop)
    }
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self {
            certificate: None,
            private_key: None,
            authorities: None,
            trust_domain: "mintage.internal".to_owned(),
            public_certificate: None,
            public_private_key: None,
            reload_interval: Duration::from_secs(10),
            insecure_plaintext: false,
        }
    }
}

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_hours(24);
