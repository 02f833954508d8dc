//! What the run is told.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use tokio::sync::OnceCell;

use crate::algorithm::Algorithm;
use crate::mintage::Mintage;
use crate::suite::Suite;
use crate::target::{Kind, Target};

/// Measures what a token costs, beside a bare floor and npm oidc-provider.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// The server, built as for release.
    #[arg(long, default_value = "target/release/mintage")]
    server: PathBuf,
    /// The bare floor, built as the server is.
    #[arg(long, default_value = "target/release/mintage-bench-floor")]
    floor: PathBuf,
    /// The folder of the peer, its packages installed; without it the peer is left out.
    #[arg(long)]
    peer: Option<PathBuf>,
    /// What to measure: dev, serve, floor and the peer unless told. `serve-twice` needs MINTAGE_TEST_POSTGRES.
    #[arg(long, value_enum, value_delimiter = ',')]
    targets: Vec<Kind>,
    /// Only this algorithm, ES256 or RS256.
    #[arg(long)]
    algorithm: Option<Algorithm>,
    /// With more than one: ES256 is measured besides with so many clients registered, each asking first once after a
    /// start (cold), then any of them (warm).
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    clients: u32,
    /// How often each target is measured; the medians count.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=9))]
    pub(crate) rounds: u32,
    /// How long one measurement lasts, in seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) seconds: u64,
    /// How long a target is warmed up before, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=30))]
    pub(crate) warm_up: u64,
    /// How many keep-alive connections ask, one request in flight on each.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) connections: u16,
    /// Where the Markdown report is written.
    #[arg(long, default_value = "target/bench/report.md")]
    pub(crate) report: PathBuf,
}

impl Arguments {
    /// What is measured; what it keeps on disk is under `data`.
    pub(crate) fn targets(&self, data: &Path) -> anyhow::Result<Vec<Target>> {
        let usual = || match self.peer {
            Some(_) => vec![Kind::Dev, Kind::Serve, Kind::Floor, Kind::Peer],
            None => vec![Kind::Dev, Kind::Serve, Kind::Floor],
        };
        let kinds = if self.targets.is_empty() { usual() } else { self.targets.clone() };
        kinds.into_iter().map(|kind| self.target(kind, data)).collect()
    }

    fn target(&self, kind: Kind, data: &Path) -> anyhow::Result<Target> {
        let program = self.server.clone();
        Ok(match kind {
            Kind::Dev => Target::Dev(Mintage { program, data: data.join("dev"), clients: OnceCell::new() }),
            Kind::Serve => Target::Serve(Suite::new(&program, 1)?, kind),
            Kind::ServeTwice => Target::Serve(Suite::new(&program, 2)?, kind),
            Kind::Floor => Target::Floor(self.floor.clone()),
            Kind::Peer => Target::Peer(self.peer.clone().context("where the peer is, --peer tells")?),
        })
    }

    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        self.algorithm.map_or_else(|| Algorithm::ALL.to_vec(), |only| vec![only])
    }

    /// How many clients are registered where clients are kept.
    pub(crate) fn clients(&self) -> usize {
        usize::try_from(self.clients).unwrap_or(usize::MAX)
    }

    /// How it was measured, in words.
    pub(crate) fn method(&self) -> String {
        let Self { rounds, seconds, warm_up, connections, .. } = self;
        format!(
            "{connections} keep-alive connections on loopback, the load generator on the same cores; {warm_up} s of \
             warm-up, then {seconds} s measured; medians of {rounds} interleaved rounds. CPU is user and system time of \
             all threads of the server's processes."
        )
    }
}
