//! What a door speaks, and with whom.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::Peer;
use crate::identity::{Identity, ServerCertificate, peer_of};

/// What a door speaks.
#[derive(Clone, Debug)]
pub enum Security {
    /// Plain text: loopback, or behind something that speaks TLS.
    Plain,
    /// TLS 1.2 or 1.3.
    Tls(Arc<ServerConfig>),
    /// Whichever the client begins with. For development on loopback, where one port serves both kinds of client.
    PlainOrTls(Arc<ServerConfig>),
    /// TLS 1.2 or 1.3 with a certificate that follows its files.
    Reloading(ServerCertificate),
    /// TLS 1.3 with services of the same installation, which prove to be so by their certificate; with nobody else.
    Mutual(Identity),
}

impl Security {
    /// The connection, and who is at its other end.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<(Connection, Peer)> {
        match self {
            Self::Plain => Ok((Connection::Plain(stream), Peer::Anonymous)),
            Self::Tls(config) => anyone(Arc::clone(config), stream).await,
            Self::PlainOrTls(config) if begins_with_tls(&stream).await? => anyone(Arc::clone(config), stream).await,
            Self::PlainOrTls(_) => Ok((Connection::Plain(stream), Peer::Anonymous)),
            Self::Reloading(certificate) => anyone(certificate.server_config(), stream).await,
            Self::Mutual(identity) => sibling(identity.server_config(), stream).await,
        }
    }
}

async fn anyone(config: Arc<ServerConfig>, stream: TcpStream) -> io::Result<(Connection, Peer)> {
    let stream = TlsAcceptor::from(config).accept(stream).await?;
    Ok((Connection::Tls(Box::new(stream)), Peer::Anonymous))
}

async fn sibling(config: Arc<ServerConfig>, stream: TcpStream) -> io::Result<(Connection, Peer)> {
    let address = stream.peer_addr()?;
    let accepted = TlsAcceptor::from(config).accept(stream).await.inspect_err(|error| {
        // Nobody but services should be able to come here. One that only looks whether the port is open is none.
        if error.kind() == io::ErrorKind::InvalidData {
            tracing::warn!(%address, %error, "a caller did not prove to be a service of this installation");
        }
    });
    let stream = accepted?;
    let peer = peer_of(stream.get_ref().1.peer_certificates()).map_err(io::Error::other)?;
    Ok((Connection::Tls(Box::new(stream)), peer))
}

/// A TLS connection begins with a handshake record (RFC 8446 section 5.1); no HTTP method begins with that byte.
async fn begins_with_tls(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    Ok(first == [TLS_HANDSHAKE])
}

/// An accepted connection.
pub(super) enum Connection {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection {
    pub(super) const fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Whether its ends chose HTTP/2 (ALPN, RFC 7301).
    pub(super) fn agreed_on_http2(&self) -> bool {
        matches!(self, Self::Tls(stream) if stream.get_ref().1.alpn_protocol() == Some(b"h2"))
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

const TLS_HANDSHAKE: u8 = 22;
