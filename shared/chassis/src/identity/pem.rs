//! Reads certificates and keys, and says what is wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::verify::NotOfSuite;

/// Why a process has no identity, or not the one in its files.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} holds no {what} in PEM", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        what: Content,
        /// What is wrong with it; `None` when nothing is there.
        source: Option<pem::Error>,
    },
    /// The certificate and the key are not each other's, or cannot be used.
    #[error("the certificate in {} cannot be used with its key", path.display())]
    Pair {
        /// The certificate's file.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// An authority cannot be used, or the whole with it.
    #[error("the certificates cannot be used for TLS")]
    Tls(#[from] rustls::Error),
    /// The authorities cannot be used.
    #[error("the authorities cannot be used")]
    Authorities(#[from] rustls::server::VerifierBuilderError),
    /// The certificate is not this service's.
    #[error("the certificate in {} is not this service's", path.display())]
    NotOurs {
        /// The certificate's file.
        path: PathBuf,
        /// What it is instead.
        source: NotOfSuite,
    },
}

/// What a PEM file should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// At least one certificate.
    Certificate,
    /// A private key.
    PrivateKey,
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate",
            Self::PrivateKey => "private key",
        })
    }
}

/// The certificates in `bytes`, which stood in `path`: at least one.
pub(super) fn certificates(path: &Path, bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let wrong = |source| IdentityError::Pem { path: path.to_owned(), what: Content::Certificate, source };
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>().map_err(|error| wrong(Some(error)))?;
    if found.is_empty() { Err(wrong(None)) } else { Ok(found) }
}

/// A chain with the private key of its first certificate.
pub(super) fn certified_key(
    (certificate, chain): (&Path, &[u8]),
    (private_key, key): (&Path, &[u8]),
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, IdentityError> {
    let chain = certificates(certificate, chain)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| IdentityError::Pem {
        path: private_key.to_owned(),
        what: Content::PrivateKey,
        source: Some(error),
    })?;
    let pair = CertifiedKey::from_der(chain, key, provider);
    pair.map(Arc::new).map_err(|source| IdentityError::Pair { path: certificate.to_owned(), source })
}

/// The authorities in `bytes`, which stood in `path`.
pub(super) fn authorities(path: &Path, bytes: &[u8]) -> Result<Arc<RootCertStore>, IdentityError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, bytes)? {
        roots.add(certificate)?;
    }
    Ok(Arc::new(roots))
}
