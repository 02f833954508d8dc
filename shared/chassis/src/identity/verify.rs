//! Whom to believe: a certificate of a trusted authority that names a service of the own installation.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::EndEntityCert;

use super::spiffe::{SpiffeId, SpiffeIdError, TrustDomain};

/// Why a certificate of a trusted authority is not believed.
#[derive(Debug, thiserror::Error)]
pub enum NotOfSuite {
    /// It cannot be read.
    #[error("the certificate cannot be read")]
    Unreadable(#[from] webpki::Error),
    /// It has no URI among its names, or more than one (X509-SVID section 2).
    #[error("the certificate has {0} URIs among its names; one must be there and name a service")]
    Uris(usize),
    /// Its URI names nobody that could be known.
    #[error("the certificate is for {found:?}")]
    Unknown {
        /// The URI.
        found: String,
        /// What is wrong with it.
        source: SpiffeIdError,
    },
    /// It is of another installation.
    #[error("the certificate is for {0}, which is another trust domain")]
    Foreign(SpiffeId),
    /// It is another service's.
    #[error("the certificate is for {found}, not for {expected}")]
    Other {
        /// Whose it is.
        found: SpiffeId,
        /// Whose it should be.
        expected: SpiffeId,
    },
}

impl From<NotOfSuite> for Error {
    fn from(why: NotOfSuite) -> Self {
        Self::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(why))))
    }
}

/// Whose certificate this is. Says nothing of who issued it.
pub(super) fn id_of(certificate: &CertificateDer<'_>) -> Result<SpiffeId, NotOfSuite> {
    let certificate = EndEntityCert::try_from(certificate)?;
    let uris: Vec<_> = certificate.valid_uri_names().collect();
    let &[uri] = uris.as_slice() else { return Err(NotOfSuite::Uris(uris.len())) };
    uri.parse().map_err(|source| NotOfSuite::Unknown { found: uri.to_owned(), source })
}

/// Whom a process believes, whichever side it is on.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    pub(super) roots: Arc<RootCertStore>,
    pub(super) provider: Arc<CryptoProvider>,
    pub(super) trust_domain: TrustDomain,
}

/// Believes callers: any service of the installation.
#[derive(Debug)]
pub(super) struct Callers {
    trust: Trust,
    chain: Arc<dyn ClientCertVerifier>,
}

impl Callers {
    pub(super) const fn new(trust: Trust, chain: Arc<dyn ClientCertVerifier>) -> Self {
        Self { trust, chain }
    }
}

impl ClientCertVerifier for Callers {
    /// None: who is trusted here is nobody else's business, and a service has one certificate to show.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.chain.verify_client_cert(certificate, intermediates, now)?;
        let found = id_of(certificate)?;
        if *found.trust_domain() != self.trust.trust_domain {
            return Err(NotOfSuite::Foreign(found).into());
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// Believes one callee, under whatever host name it was reached: pods come and go, and have no names of their own.
#[derive(Debug)]
pub(super) struct Callee {
    trust: Trust,
    expected: SpiffeId,
}

impl Callee {
    pub(super) const fn new(trust: Trust, expected: SpiffeId) -> Self {
        Self { trust, expected }
    }
}

impl ServerCertVerifier for Callee {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Trust { roots, provider, .. } = &self.trust;
        let parsed = ParsedCertificate::try_from(certificate)?;
        let algorithms = provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, algorithms)?;
        let found = id_of(certificate)?;
        if found != self.expected {
            return Err(NotOfSuite::Other { found, expected: self.expected.clone() }.into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.trust.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.trust.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}
