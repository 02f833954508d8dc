//! The doors of `mintage dev`, and the origins that the tenant is known by behind them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mintage_chassis::Tasks;
use mintage_chassis::door::{DevelopmentAuthority, Door, DoorLimits, Health, Security, grpc_router};
use mintage_chassis::telemetry::Telemetry;
use mintage_oauth::Origin;

use super::{DataDir, DevArgs, Suite};

/// Open doors: bound, not yet served.
#[derive(Debug)]
pub(super) struct Doors {
    http: Door,
    https: Door,
    grpc: Door,
    metrics: Option<Door>,
    addresses: Addresses,
    ca: PathBuf,
}

#[derive(Clone, Copy, Debug)]
struct Addresses {
    http: SocketAddr,
    https: SocketAddr,
    grpc: SocketAddr,
}

impl Doors {
    /// Binds the addresses and makes the TLS certificate.
    pub(super) async fn open(arguments: &DevArgs, data: &DataDir) -> Result<Self> {
        let authority = DevelopmentAuthority::load_or_create(data.path())?;
        let tls = authority.server_config()?;
        let limits = DoorLimits::default().within_open_files(DOORS);
        let http = open(arguments.http, Security::Plain, limits, "--http").await?;
        let https = open(arguments.https, Security::Tls(tls.clone()), limits, "--https").await?;
        let grpc = open(arguments.grpc, Security::PlainOrTls(tls), limits, "--grpc").await?;
        let metrics = match arguments.metrics {
            Some(address) => Some(open(address, Security::Plain, limits, "--metrics").await?.unobserved()),
            None => None,
        };
        let addresses = Addresses { http: http.address()?, https: https.address()?, grpc: grpc.address()? };
        let ca = authority.certificate_path().canonicalize()?;
        Ok(Self { http, https, grpc, metrics, addresses, ca })
    }

    /// Serves `suite` behind them until `tasks` drain, and what `telemetry` has to show.
    pub(super) async fn serve(self, suite: &Suite, telemetry: &Telemetry, tasks: &Tasks) -> Result<Health> {
        let (router, health) = grpc_router(suite.grpc_services()).await.context("reflection cannot be built")?;
        self.http.serve(suite.edge.router.clone(), tasks);
        self.https.serve(suite.edge.router.clone(), tasks);
        self.grpc.leading_to(suite.grpc_services()).serve(router, tasks);
        if let Some(metrics) = self.metrics {
            metrics.serve(health.probes().merge(telemetry.router()), tasks);
        }
        health.follow(suite.edge.needs.clone(), tasks).await;
        Ok(health)
    }

    /// Under which the tenant is served, the one for plain HTTP first.
    pub(super) fn origins(&self) -> Result<Vec<Origin>> {
        let Addresses { http, https, grpc: _ } = self.addresses;
        let named = [
            ("http", host_of(http.ip()), http.port()),
            ("http", "localhost".to_owned(), http.port()),
            ("https", "localhost".to_owned(), https.port()),
            ("https", host_of(https.ip()), https.port()),
        ];
        let origin = |(scheme, host, port)| Origin::from_parts(scheme, &format!("{host}:{port}"));
        named.into_iter().map(origin).collect::<Result<_, _>>().context("an address makes no origin")
    }

    /// `host:port` of the gRPC door.
    pub(super) fn grpc(&self) -> String {
        format!("{}:{}", host_of(self.addresses.grpc.ip()), self.addresses.grpc.port())
    }

    /// The certificate to trust.
    pub(super) fn ca(&self) -> &Path {
        &self.ca
    }
}

async fn open(address: SocketAddr, security: Security, limits: DoorLimits, option: &str) -> Result<Door> {
    let opened = Door::open(address, security, limits).await;
    opened.with_context(|| format!("{address} cannot be listened on; choose another with {option}"))
}

/// The host a client on this machine reaches a listener by: loopback where it listens on every address.
fn host_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(all) if all.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        IpAddr::V4(one) => one.to_string(),
        IpAddr::V6(all) if all.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V6(one) => format!("[{one}]"),
    }
}

/// HTTP, HTTPS, gRPC, metrics.
const DOORS: usize = 4;
