//! Who this process is to its siblings, and whom it believes.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::CertificateDer;
use tokio::sync::watch;
use webpki::EndEntityCert;

use super::expiry::not_after;
use super::verify::{Callee, Callers, NotOfSuite, Trust, id_of};
use super::watched::{Contents, watched};
use super::{IdentityError, SpiffeId, TrustDomain, pem};
use crate::telemetry::names::CERTIFICATE_EXPIRY;
use crate::{Peer, ServiceName, Tasks};

/// Where a process finds who it is, each a PEM file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityFiles {
    /// Its certificate, and those between it and an authority.
    pub certificate: PathBuf,
    /// The certificate's private key.
    pub private_key: PathBuf,
    /// The authorities whose certificates it trusts. Several while one follows another.
    pub authorities: PathBuf,
}

/// Who this process is. Follows its files: a connection is made with what they hold by then, and keeps it. Cheap to
/// clone.
#[derive(Clone)]
pub struct Identity {
    own: SpiffeId,
    standing: watch::Receiver<Arc<Standing>>,
}

impl Identity {
    /// The identity `own` of the installation `trust_domain`, whose files are looked at every `interval` until `tasks`
    /// drain.
    ///
    /// # Errors
    /// When the files cannot be read or used, or the certificate is another service's.
    pub fn load(
        files: IdentityFiles,
        trust_domain: TrustDomain,
        own: ServiceName,
        interval: Duration,
        tasks: &Tasks,
    ) -> Result<Self, IdentityError> {
        let own = SpiffeId { trust_domain, service: own };
        let paths = [files.certificate.clone(), files.private_key.clone(), files.authorities.clone()];
        let expected = own.clone();
        let standing = watched(paths, interval, tasks, move |contents| Standing::read(contents, &files, &expected))?;
        let shown = standing.clone();
        CERTIFICATE_EXPIRY.observe(move |see| {
            let ends = shown.borrow().certified.end_entity_cert().ok().and_then(|leaf| not_after(leaf));
            ends.into_iter().for_each(|ends| see(["identity"], ends.unix_seconds() as f64));
        });
        Ok(Self { own, standing })
    }

    /// The name it goes by.
    #[must_use]
    pub const fn id(&self) -> &SpiffeId {
        &self.own
    }

    /// The serial number of the certificate that new connections show, in hexadecimal.
    #[must_use]
    pub fn serial(&self) -> String {
        self.standing.borrow().serial.clone()
    }

    /// Ends when the files have changed and what they hold is in use; never, once its tasks have drained.
    pub async fn reloaded(&mut self) {
        if self.standing.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// How a door speaks with callers that must be services of the same installation.
    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.standing.borrow().server)
    }

    /// How to call the service `expected` of the same installation.
    pub(crate) fn client_config(&self, expected: ServiceName) -> Result<Arc<ClientConfig>, rustls::Error> {
        self.standing.borrow().client_config(SpiffeId::new(self.own.trust_domain(), expected))
    }
}

/// The service that showed `certificates` in a handshake which believed them.
pub(crate) fn peer_of(certificates: Option<&[CertificateDer<'_>]>) -> Result<Peer, NotOfSuite> {
    let first = certificates.and_then(<[_]>::first).ok_or(NotOfSuite::Uris(0))?;
    Ok(Peer::Service(id_of(first)?.service()))
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({}, serial {})", self.own, self.serial())
    }
}

/// What the files hold, read and put to use.
struct Standing {
    certified: Arc<CertifiedKey>,
    trust: Trust,
    server: Arc<ServerConfig>,
    serial: String,
}

impl Standing {
    fn read(contents: &Contents<3>, files: &IdentityFiles, expected: &SpiffeId) -> Result<Self, IdentityError> {
        let IdentityFiles { certificate: path, private_key, authorities } = files;
        let [chain, key, roots] = contents;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let certified = pem::certified_key((path, chain), (private_key, key), &provider)?;
        let roots = pem::authorities(authorities, roots)?;
        let trust = Trust { roots, provider, trust_domain: expected.trust_domain().clone() };
        let serial =
            own_serial(&certified, expected).map_err(|source| IdentityError::NotOurs { path: path.clone(), source })?;
        let server = server_config(&trust, &certified)?;
        Ok(Self { certified, trust, server, serial })
    }

    fn client_config(&self, expected: SpiffeId) -> Result<Arc<ClientConfig>, rustls::Error> {
        let Self { certified, trust, .. } = self;
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&trust.provider))
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Callee::new(trust.clone(), expected)))
            .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(certified))));
        config.alpn_protocols = vec![HTTP2.to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }
}

fn server_config(trust: &Trust, certified: &Arc<CertifiedKey>) -> Result<Arc<ServerConfig>, IdentityError> {
    let Trust { roots, provider, .. } = trust;
    let chain = WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider)).build()?;
    let mut config = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(Callers::new(trust.clone(), chain)))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(certified))));
    config.alpn_protocols = vec![HTTP2.to_vec()];
    // A resumed session would not look at the caller's certificate again, which may have expired since.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// The serial number of our certificate, when it is ours.
fn own_serial(certified: &CertifiedKey, expected: &SpiffeId) -> Result<String, NotOfSuite> {
    let certificate = certified.end_entity_cert().map_err(|_| NotOfSuite::Uris(0))?;
    let found = id_of(certificate)?;
    if found != *expected {
        return Err(NotOfSuite::Other { found, expected: expected.clone() });
    }
    let serial = EndEntityCert::try_from(certificate)?;
    Ok(serial.serial().iter().map(|byte| format!("{byte:02x}")).collect())
}

const HTTP2: &[u8] = b"h2";
