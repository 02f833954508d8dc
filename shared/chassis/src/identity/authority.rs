//! An authority of our own: for development, and for installations that have no better one.

use std::fmt;
use std::time::Duration;

use mintage_clock::Timestamp;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData, SanType,
};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, DnsName};
use webpki::EndEntityCert;
use zeroize::Zeroizing;

use super::{SpiffeId, TrustDomain};
use crate::ServiceName;

/// Why there is no authority or no certificate of it.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A certificate or a key cannot be made or read.
    #[error("a certificate or its key cannot be made")]
    Made(#[from] rcgen::Error),
    /// The authority's certificate is not PEM.
    #[error("the authority's certificate is not PEM")]
    Pem(#[from] pem::Error),
    /// The authority's certificate cannot be read.
    #[error("the authority's certificate cannot be read")]
    Unreadable(#[from] webpki::Error),
    /// The authority is not one that was made here.
    #[error("the authority's certificate is not one that `mintage pki init` made")]
    Foreign,
    /// The authority's key is another's.
    #[error("the authority's key is not its certificate's")]
    Key,
    /// A host name cannot stand in a certificate.
    #[error("{0:?} is no DNS name")]
    DnsName(String),
}

/// From when to when a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Its first instant.
    pub not_before: Timestamp,
    /// Its last.
    pub not_after: Timestamp,
}

impl Validity {
    /// From `now`, and a little before it for those whose clocks are behind, for `length`.
    #[must_use]
    pub fn starting(now: Timestamp, length: Duration) -> Self {
        let seconds = i64::try_from(length.as_secs()).unwrap_or(i64::MAX);
        let now = now.unix_seconds();
        Self {
            not_before: Timestamp::from_unix_seconds(now.saturating_sub(SKEW)),
            not_after: Timestamp::from_unix_seconds(now.saturating_add(seconds)),
        }
    }

    fn put_into(self, params: &mut CertificateParams) {
        let instant = |at: Timestamp| {
            let seconds = u64::try_from(at.unix_seconds()).unwrap_or_default();
            rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
        };
        (params.not_before, params.not_after) = (instant(self.not_before), instant(self.not_after));
    }
}

/// Issues certificates to the services of one installation. Its own certificate names the trust domain (X509-SVID
/// section 2).
pub struct Authority {
    trust_domain: TrustDomain,
    key: KeyPair,
    certificate: String,
}

/// A certificate and its private key, each in PEM.
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// The private key.
    pub private_key: Zeroizing<String>,
}

impl Authority {
    /// A new authority with a P-256 key.
    ///
    /// # Errors
    /// When its certificate cannot be made.
    pub fn create(trust_domain: TrustDomain, validity: Validity) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = authority_params(NAME);
        params.subject_alt_names = vec![uri(&domain_uri(&trust_domain))?];
        validity.put_into(&mut params);
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { trust_domain, key, certificate })
    }

    /// The authority whose certificate is the first in `certificate`, with its private key, both PEM.
    ///
    /// # Errors
    /// When they are not each other's, or were not made by [`Authority::create`].
    pub fn from_pem(certificate: &str, private_key: &str) -> Result<Self, AuthorityError> {
        let key = KeyPair::from_pem(private_key)?;
        let der = CertificateDer::from_pem_slice(certificate.as_bytes())?;
        let own = EndEntityCert::try_from(&der)?;
        if own.subject_public_key_info().as_ref() != key.subject_public_key_info() {
            return Err(AuthorityError::Key);
        }
        let trust_domain = own.valid_uri_names().find_map(|uri| uri.strip_prefix(SCHEME)?.parse().ok());
        let authority = Self {
            trust_domain: trust_domain.ok_or(AuthorityError::Foreign)?,
            key,
            certificate: certificate.to_owned(),
        };
        // What it issues must lead to it, by name and not by key alone.
        let probe = authority_params(NAME).self_signed(&authority.key)?;
        let ours = EndEntityCert::try_from(probe.der())?;
        if ours.subject() == own.subject() { Ok(authority) } else { Err(AuthorityError::Foreign) }
    }

    /// Its certificate, for the services to trust, in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Its private key, in PEM.
    #[must_use]
    pub fn private_key(&self) -> Zeroizing<String> {
        Zeroizing::new(self.key.serialize_pem())
    }

    /// The installation it is for.
    #[must_use]
    pub const fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// A certificate for `service`, which is also good for `dns_names` where it serves those who check host names.
    ///
    /// # Errors
    /// When a name is none, or the certificate cannot be made.
    pub fn issue(
        &self,
        service: ServiceName,
        dns_names: &[String],
        validity: Validity,
    ) -> Result<Issued, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, service.as_str());
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.subject_alt_names = vec![uri(&SpiffeId::new(&self.trust_domain, service).to_string())?];
        for name in dns_names {
            params.subject_alt_names.push(dns_name(name)?);
        }
        validity.put_into(&mut params);
        let certificate = params.signed_by(&key, &Issuer::new(authority_params(NAME), &self.key))?.pem();
        Ok(Issued { certificate, private_key: Zeroizing::new(key.serialize_pem()) })
    }
}

/// What the certificate of every authority of ours says, for no particular time.
pub(crate) fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn domain_uri(trust_domain: &TrustDomain) -> String {
    format!("{SCHEME}{trust_domain}")
}

fn uri(text: &str) -> Result<SanType, rcgen::Error> {
    Ok(SanType::URI(Ia5String::try_from(text)?))
}

fn dns_name(text: &str) -> Result<SanType, AuthorityError> {
    DnsName::try_from(text).map_err(|_| AuthorityError::DnsName(text.to_owned()))?;
    Ok(SanType::DnsName(Ia5String::try_from(text)?))
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("trust_domain", &self.trust_domain).finish_non_exhaustive()
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").finish_non_exhaustive()
    }
}

const NAME: &str = "Mintage authority";
const SCHEME: &str = "spiffe://";
/// Seconds between the clocks of two machines.
const SKEW: i64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> Authority {
        let validity = Validity::starting(Timestamp::from_unix_seconds(1_763_000_000), Duration::from_hours(24));
        Authority::create("mint.test".parse().unwrap(), validity).unwrap()
    }

    #[test]
    fn an_authority_that_was_written_down_is_the_same() {
        let made = authority();
        let read = Authority::from_pem(made.certificate(), &made.private_key()).unwrap();
        assert_eq!(read.trust_domain(), made.trust_domain());
    }

    #[test]
    fn an_authority_with_anothers_key_is_refused() {
        let (one, other) = (authority(), authority());
        let refused = Authority::from_pem(one.certificate(), &other.private_key()).unwrap_err();
        assert!(matches!(refused, AuthorityError::Key), "{refused}");
    }

    #[test]
    fn an_authority_from_elsewhere_is_refused() {
        let key = KeyPair::generate().unwrap();
        for params in [authority_params(NAME), {
            let mut params = authority_params("Some other authority");
            params.subject_alt_names = vec![uri("spiffe://mint.test").unwrap()];
            params
        }] {
            let certificate = params.self_signed(&key).unwrap().pem();
            let refused = Authority::from_pem(&certificate, &key.serialize_pem()).unwrap_err();
            assert!(matches!(refused, AuthorityError::Foreign), "{refused}");
        }
    }

    #[test]
    fn what_is_no_dns_name_gets_no_certificate() {
        let validity = Validity::starting(Timestamp::from_unix_seconds(1_763_000_000), Duration::from_hours(1));
        for name in ["", "a b", "https://mint.test", "10.0.0.1"] {
            let refused = authority().issue(ServiceName::EDGE, &[name.to_owned()], validity).unwrap_err();
            assert!(matches!(refused, AuthorityError::DnsName(_)), "{name}: {refused}");
        }
    }
}
