//! Makes a connection: TCP, TLS with both sides proven, HTTP/2.

use std::error::Error;
use std::net::SocketAddr;

use hyper::client::conn::http2::{Builder, Connection, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use mintage_clock::Randomness;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::body::Body;

use super::ChannelSettings;
use crate::ServiceName;
use crate::identity::Identity;

/// Makes connections to one sibling.
#[derive(Debug)]
pub(super) struct Connector {
    pub(super) identity: Identity,
    pub(super) expected: ServiceName,
    /// What the TLS handshake calls the sibling. Not checked.
    pub(super) name: ServerName<'static>,
    pub(super) settings: ChannelSettings,
    pub(super) randomness: Randomness,
}

/// Drives a connection; ends when it takes no more requests.
pub(super) type Driver = Connection<TokioIo<TlsStream<TcpStream>>, Body, TokioExecutor>;

impl Connector {
    /// A new connection to `address`, in time.
    pub(super) async fn connect(
        &self,
        address: SocketAddr,
    ) -> Result<(SendRequest<Body>, Driver), Box<dyn Error + Send + Sync>> {
        timeout(self.settings.connect_timeout, self.handshakes(address)).await?
    }

    async fn handshakes(
        &self,
        address: SocketAddr,
    ) -> Result<(SendRequest<Body>, Driver), Box<dyn Error + Send + Sync>> {
        let stream = TcpStream::connect(address).await?;
        // Requests are small and whole: waiting to fill a segment only delays them.
        stream.set_nodelay(true)?;
        let config = self.identity.client_config(self.expected)?;
        let stream = TlsConnector::from(config).connect(self.name.clone(), stream).await?;
        Ok(self.http2().handshake(TokioIo::new(stream)).await?)
    }

    fn http2(&self) -> Builder<TokioExecutor> {
        let settings = &self.settings;
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .adaptive_window(false)
            .initial_stream_window_size(settings.stream_window_bytes)
            .initial_connection_window_size(settings.connection_window_bytes)
            .max_header_list_size(settings.max_header_bytes)
            .keep_alive_interval(settings.keep_alive)
            .keep_alive_timeout(settings.keep_alive_timeout)
            .keep_alive_while_idle(true);
        builder
    }
}
