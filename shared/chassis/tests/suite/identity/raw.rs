//! A caller that is none of ours.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use mintage_chassis::identity::{Authority, Issued};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Connects with `version` of TLS as an ordinary client that trusts `authority`, checks the host name, and shows `own`.
pub(crate) async fn connect(
    address: SocketAddr,
    authority: &Authority,
    version: &'static SupportedProtocolVersion,
    own: Option<&Issued>,
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let trusting = versions.with_root_certificates(roots);
    let config = match own {
        None => trusting.with_no_client_auth(),
        Some(own) => {
            let certificate = CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(own.private_key.as_bytes()).unwrap();
            trusting.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await
}

/// What the other end says first; an error when it hangs up with an alert.
pub(crate) async fn first_word(mut stream: TlsStream<TcpStream>) -> io::Result<usize> {
    stream.read(&mut [0; 64]).await
}

/// The certificate that the other end showed.
pub(crate) fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap().first().unwrap().clone().into_owned()
}
