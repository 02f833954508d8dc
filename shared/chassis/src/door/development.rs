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
    /// The authority of `folder` (`ca.pem`, `ca.key`), made at the first call.
    ///
    /// # Errors
    /// When its files cannot be read or written, or only one of them is there.
    pub fn load_or_create(folder: &Path) -> Result<Self, CertificateError> {
        let (certificate_path, key_path) = (folder.join("ca.pem"), folder.join("ca.key"));
        match (certificate_path.exists(), key_path.exists()) {
            (true, true) => {
                let key = KeyPair::from_pem(&read(&key_path)?)?;
                Ok(Self { key, certificate_path })
            }
            (false, false) => {
                let key = KeyPair::generate()?;
                let certificate = authority_params().self_signed(&key)?;
                write(&key_path, &key.serialize_pem(), 0o600)?;
                write(&certificate_path, &certificate.pem(), 0o644)?;
                Ok(Self { key, certificate_path })
            }
            (true, false) => Err(CertificateError::Half(key_path)),
            (false, true) => Err(CertificateError::Half(certificate_path)),
        }
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

fn write(path: &Path, text: &str, mode: u32) -> Result<(), CertificateError> {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(mode).open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|source| CertificateError::File { path: path.to_owned(), source })
}
