//! The certificate of a public door.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mintage_clock::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::sign::SingleCertAndKey;
use tokio::sync::watch;

use super::expiry::not_after;
use super::watched::watched;
use super::{IdentityError, pem};
use crate::Tasks;
use crate::telemetry::names::CERTIFICATE_EXPIRY;

/// A certificate for TLS 1.2 and 1.3 with anyone. Follows its files: a connection is made with what they hold by then.
/// Cheap to clone.
#[derive(Clone)]
pub struct ServerCertificate(watch::Receiver<Arc<Standing>>);

/// What the files hold, put to use.
struct Standing {
    config: Arc<ServerConfig>,
    ends: Option<Timestamp>,
}

impl ServerCertificate {
    /// The chain in `certificate` with the key in `private_key`, both PEM, looked at every `interval` until `tasks` drain.
    ///
    /// # Errors
    /// When the files cannot be read or used.
    pub fn load(
        certificate: PathBuf,
        private_key: PathBuf,
        interval: Duration,
        tasks: &Tasks,
    ) -> Result<Self, IdentityError> {
        let paths = [certificate.clone(), private_key.clone()];
        let standing = watched(paths, interval, tasks, move |[chain, key]| {
            let provider = Arc::new(aws_lc_rs::default_provider());
            let certified = pem::certified_key((&certificate, chain), (&private_key, key), &provider)?;
            let ends = certified.end_entity_cert().ok().and_then(|leaf| not_after(leaf));
            let mut config = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(Standing { config: Arc::new(config), ends })
        })?;
        let shown = standing.clone();
        CERTIFICATE_EXPIRY.observe(move |see| {
            shown.borrow().ends.into_iter().for_each(|ends| see(["public"], ends.unix_seconds() as f64));
        });
        Ok(Self(standing))
    }

    /// Ends when the files have changed and what they hold is in use; never, once its tasks have drained.
    pub async fn reloaded(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.borrow().config)
    }
}

impl fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerCertificate(…)")
    }
}
