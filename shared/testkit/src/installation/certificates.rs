//! Who the services of an installation are to each other, in files that can be replaced while they run.

#![expect(clippy::expect_used, reason = "a test without certificates has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mintage_chassis::ServiceName;
use mintage_chassis::identity::{Authority, Validity};
use mintage_clock::Clock;

/// The authority of an installation and the files of those it vouches for: `ca.pem`, and `<service>.pem` and
/// `<service>.key` for each service.
#[derive(Debug)]
pub struct Certificates {
    folder: PathBuf,
    authority: Authority,
}

impl Certificates {
    /// Makes an authority and a certificate for every service, and for whoever manages them all.
    ///
    /// # Panics
    /// When a file cannot be written.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let certificates = Self { folder: folder.to_owned(), authority: new_authority() };
        certificates.trust(&[]);
        certificates.issue();
        certificates
    }

    /// Puts a new certificate and a new key in the place of every service's, and of `mintage`'s, which is nobody's process.
    ///
    /// # Panics
    /// When a file cannot be written.
    pub fn issue(&self) {
        for service in SERVICES.into_iter().chain([ServiceName::MINTAGE]) {
            self.issue_as(service, service);
        }
    }

    /// Writes a certificate that says `service` into the files of `to`.
    ///
    /// # Panics
    /// When a file cannot be written.
    pub fn issue_as(&self, service: ServiceName, to: ServiceName) {
        let issued = self.authority.issue(service, &["localhost".to_owned()], validity());
        let issued = issued.expect("the authority issues certificates");
        self.replace(&format!("{to}.key"), &issued.private_key);
        self.replace(&format!("{to}.pem"), &issued.certificate);
    }

    /// A new authority that takes the place of the old one, which is no longer vouched for by anybody: to be trusted
    /// beside it first, see [`Certificates::trust`].
    #[must_use]
    pub fn successor(&self) -> Self {
        Self { folder: self.folder.clone(), authority: new_authority() }
    }

    /// Lets every service trust this authority and `others`.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn trust(&self, others: &[&Self]) {
        let all = [self].into_iter().chain(others.iter().copied());
        self.replace("ca.pem", &all.map(|each| each.authority.certificate()).collect::<String>());
    }

    /// As cert-manager and kubelet do: whoever reads sees the old file or the new one.
    fn replace(&self, name: &str, text: &str) {
        let (beside, path) = (self.folder.join(format!(".{name}")), self.folder.join(name));
        fs::write(&beside, text).expect("the file can be written");
        fs::rename(beside, path).expect("the file can be replaced");
    }
}

fn new_authority() -> Authority {
    let trust_domain = TRUST_DOMAIN.parse().expect("it is a trust domain");
    Authority::create(trust_domain, validity()).expect("an authority can be made")
}

fn validity() -> Validity {
    Validity::starting(Clock::System.now(), Duration::from_hours(24))
}

/// What the certificates of a test's installation have in common.
pub(super) const TRUST_DOMAIN: &str = "mintage.test";

pub(super) const SERVICES: [ServiceName; 5] = [
    ServiceName::KEY_MANAGEMENT,
    ServiceName::CLIENT_REGISTRY,
    ServiceName::CONSENT,
    ServiceName::TOKEN,
    ServiceName::EDGE,
];
