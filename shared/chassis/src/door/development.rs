//! The certificates of `mintage dev`: an authority that lives in the data folder, a leaf made at each start.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs, io};

use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair, KeyUsagePurpose, SanType};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file of the authority cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The authority's key or a certificate cannot be made.
    #[error("the development certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be served.
    #[error("the development certificate cannot be served")]
    Tls(#[from] rustls::Error),
    /// Half of the authority is missing.
    #[error("{0} is missing while its other half is there; remove both to make a new authority")]
    Half(PathBuf),
}

/// A certificate authority for one machine. Its key stays in the data folder, readable by its owner alone.
pub struct DevelopmentAuthority {
    key: KeyPair,
    certificate_path: PathBuf,
}

impl DevelopmentAuthority {
    /// The authority of `folder` (`ca.pem`, `ca.key`), made at the first call. A call that was cut short between the two
    /// is finished by the next: a certificate follows from its key.
    ///
    /// # Errors
    /// When its files cannot be read or written, or the key alone is gone.
    pub fn load_or_create(folder: &Path) -> Result<Self, CertificateError> {
        let (certificate_path, key_path) = (folder.join("ca.pem"), folder.join("ca.key"));
        let key = match (key_path.exists(), certificate_path.exists()) {
            (true, _) => KeyPair::from_pem(&read(&key_path)?)?,
            (false, true) => return Err(CertificateError::Half(key_path)),
            (false, false) => {
                let key = KeyPair::generate()?;
                write(&key_path, &key.serialize_pem(), 0o600)?;
                key
            }
        };
        if !certificate_path.exists() {
            write(&certificate_path, &authority_params().self_signed(&key)?.pem(), 0o644)?;
        }
        Ok(Self { key, certificate_path })
    }

    /// The authority's certificate, for clients to trust.
    #[must_use]
    pub fn certificate_path(&self) -> &Path {
        &self.certificate_path
    }

    /// TLS with a new certificate for this machine's own names; HTTP/2 and HTTP/1.1 by ALPN.
    ///
    /// # Errors
    /// When the certificate cannot be made or served.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, CertificateError> {
        let key = KeyPair::generate()?;
        let leaf = leaf_params()?.signed_by(&key, &Issuer::new(authority_params(), &self.key))?;
        let private = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes())
            .map_err(|_| rustls::Error::General("the key made a moment ago cannot be read".into()))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl fmt::Debug for DevelopmentAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevelopmentAuthority").field("certificate", &self.certificate_path).finish_non_exhaustive()
    }
}

/// The same at every start, so that leaves chain to the certificate already handed out.
fn authority_params() -> CertificateParams {
    let mut params = crate::identity::authority_params("Mintage development authority");
    (params.not_before, params.not_after) = (rcgen::date_time_ymd(2025, 1, 1), rcgen::date_time_ymd(2045, 1, 1));
    params
}

fn leaf_params() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "mintage dev");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    params.subject_alt_names = vec![
        SanType::DnsName(Ia5String::try_from("localhost")?),
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    (params.not_before, params.not_after) = (rcgen::date_time_ymd(2025, 1, 1), rcgen::date_time_ymd(2045, 1, 1));
    Ok(params)
}

fn read(path: &Path) -> Result<String, CertificateError> {
    fs::read_to_string(path).map_err(|source| CertificateError::File { path: path.to_owned(), source })
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), CertificateError> {
    use std::os::unix::fs::OpenOptionsExt;

    let draft = path.with_extension("draft");
    let cleared = match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    let mut options = fs::OpenOptions::new();
    let written = cleared.and_then(|()| options.write(true).create_new(true).mode(mode).open(&draft));
    let written = written.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    });
    written.map_err(|source| CertificateError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_that_was_cut_short_is_finished_and_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // Killed while it wrote the key, and then between key and certificate.
        fs::write(path("ca.draft"), "-----BEGIN PRIV").unwrap();
        let first = DevelopmentAuthority::load_or_create(folder.path()).unwrap();
        fs::remove_file(path("ca.pem")).unwrap();
        let second = DevelopmentAuthority::load_or_create(folder.path()).unwrap();
        assert_eq!(first.key.serialize_pem(), second.key.serialize_pem());
        assert!(path("ca.pem").exists() && !path("ca.draft").exists());
        fs::remove_file(path("ca.key")).unwrap();
        let lost = DevelopmentAuthority::load_or_create(folder.path());
        assert!(matches!(lost, Err(CertificateError::Half(_))), "{lost:?}");
    }
}
