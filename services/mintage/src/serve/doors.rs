//! The listeners of a process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use mintage_chassis::Tasks;
use mintage_chassis::door::{Door, DoorLimits, Health, Security, grpc_router};
use mintage_chassis::identity::ServerCertificate;

use super::assembly::Built;
use super::links::{Links, chain};
use super::plaintext;
use crate::config::{Common, ConfigError, PublicFiles, ServiceConfig};

/// Open doors: bound, not yet served, each with the key of its address.
pub(super) struct Doors {
    doors: Vec<(&'static str, Door)>,
    plaintext: bool,
}

/// Doors that are served.
pub(super) struct OpenDoors {
    health: Health,
    tasks: Tasks,
    probes: Tasks,
}

impl Doors {
    /// Binds every address of `config`. Certificates are reloaded until `beside` drains.
    pub(super) async fn open<C: ServiceConfig>(config: &C, links: &Links, beside: &Tasks) -> Result<Self> {
        let common = config.common();
        let certificate = public_certificate(&common, beside)?;
        let limits = common.door.within_open_files(common.listeners.len());
        // Probes see the process drain; nobody else calls there.
        let for_probes = DoorLimits { lame_duck: Duration::ZERO, ..limits };
        let mut doors = Vec::new();
        for (key, address) in common.listeners {
            let (security, limits) = match (key, links.identity(), &certificate) {
                ("listen.internal", Some(identity), _) => (Security::Mutual(identity.clone()), limits),
                ("listen.public" | "listen.https", _, Some(certificate)) => {
                    (Security::Reloading(certificate.clone()), limits)
                }
                ("listen.health", ..) => (Security::Plain, for_probes),
                _ => (Security::Plain, limits),
            };
            let door = Door::open(address, security, limits).await;
            doors.push((key, door.with_context(|| format!("{key}: {address} cannot be listened on"))?));
        }
        Ok(Self { doors, plaintext: links.identity().is_none() })
    }

    /// Which service this is, and where it listens.
    pub(super) fn ready<C: ServiceConfig>(&self) -> Result<String> {
        let mut text = C::SERVICE.to_string();
        for (key, door) in &self.doors {
            let address: SocketAddr = door.address()?;
            text += &format!(" · {} {address}", key.trim_start_matches("listen."));
        }
        Ok(text)
    }

    /// Serves `built` behind them until they are drained, and `metrics` beside the probes.
    pub(super) async fn serve(self, built: &Built, metrics: Router) -> Result<OpenDoors> {
        let (router, health, needs) = match built {
            Built::Grpc(service, _) => {
                let (router, health) = grpc_router([service]).await.context("reflection cannot be built")?;
                (router, health, service.needs.clone())
            }
            Built::Edge(edge) => (edge.router.clone(), Health::of([]).await, edge.needs.clone()),
        };
        let open = OpenDoors { health, tasks: Tasks::new(), probes: Tasks::new() };
        if !needs.is_empty() {
            open.health.begin().await;
        }
        for (key, door) in self.doors {
            let door = match built {
                Built::Edge(edge) => door.behind(Arc::clone(&edge.proxies)),
                Built::Grpc(..) => door,
            };
            match key {
                "listen.health" => {
                    let probes = open.health.probes().merge(metrics.clone());
                    door.unobserved().serve(probes, &open.probes);
                }
                "listen.internal" if self.plaintext => door.serve(plaintext::believing(router.clone()), &open.tasks),
                _ => leading_to(built, door).serve(router.clone(), &open.tasks),
            }
        }
        open.health.follow(needs, &open.probes).await;
        Ok(open)
    }
}

fn leading_to(built: &Built, door: Door) -> Door {
    match built {
        Built::Grpc(service, _) => door.leading_to([service]),
        Built::Edge(_) => door,
    }
}

impl OpenDoors {
    /// Sends callers elsewhere, then lets requests under way end.
    pub(super) async fn drain(self) {
        self.health.not_serving().await;
        self.tasks.drain().await;
        self.probes.drain().await;
    }
}

/// The certificate that is shown to anyone, where a door needs one.
pub(super) fn public_certificate(common: &Common<'_>, tasks: &Tasks) -> Result<Option<ServerCertificate>, ConfigError> {
    let files = if common.public { common.tls.public()? } else { None };
    let Some(PublicFiles { certificate, private_key }) = files else { return Ok(None) };
    let loaded = ServerCertificate::load(certificate, private_key, common.tls.reload_interval, tasks);
    let refused = |error| ConfigError::within("tls", format!("public_certificate: {}", chain(&error)));
    loaded.map(Some).map_err(refused)
}
