//! Many clients that ask all the time, and lose nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_chassis::identity::{Identity, IdentityFiles};
use mintage_chassis::{ChannelSettings, ServiceName, Tasks, Transport};
use mintage_clock::Randomness;
use mintage_testkit::installation::Installation;
use tokio::task::JoinHandle;

use super::asking::{Answer, Credentials, Door, Visitor};

/// Clients of the edges, and of the token service as the edge calls it.
pub(super) struct Load {
    ended: Arc<AtomicBool>,
    tokens: Arc<AtomicU64>,
    askers: Vec<JoinHandle<Vec<Answer>>>,
    _tasks: Tasks,
}

impl Load {
    pub(super) fn start(installation: &Installation, credentials: &Credentials) -> Self {
        let tasks = Tasks::new();
        let channel = sibling(installation, installation.folder(), ServiceName::EDGE, ServiceName::TOKEN, &tasks);
        let over_http = (0..ASKERS).map(|each| Door::Edge(Visitor::new(installation, &[each % 2, (each + 1) % 2])));
        let over_grpc = (0..ASKERS).map(|_| Door::Internal(TokenServiceClient::new(channel.clone())));
        let (ended, tokens) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let ask = |mut door: Door| {
            let (ended, tokens, credentials) = (Arc::clone(&ended), Arc::clone(&tokens), credentials.clone());
            tokio::spawn(async move {
                let mut lost = Vec::new();
                while !ended.load(Ordering::Relaxed) {
                    match door.ask(&credentials).await {
                        Answer::Token(_) => {
                            tokens.fetch_add(1, Ordering::Relaxed);
                        }
                        other => lost.push(other),
                    }
                }
                lost
            })
        };
        let askers = over_http.chain(over_grpc).map(ask).collect();
        Self { ended, tokens, askers, _tasks: tasks }
    }

    /// How many tokens were issued so far.
    pub(super) fn tokens(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    /// Ends it: how many tokens were issued, and everything else that was answered.
    pub(super) async fn end(self) -> (u64, Vec<Answer>) {
        self.ended.store(true, Ordering::Relaxed);
        let mut lost = Vec::new();
        for asker in self.askers {
            lost.extend(asker.await.expect("an asker ends"));
        }
        (self.tokens.load(Ordering::Relaxed), lost)
    }
}

/// A way to every process of `callee`, as `own` with the certificate in `folder`.
pub(super) fn sibling(
    installation: &Installation,
    folder: &Path,
    own: ServiceName,
    callee: ServiceName,
    tasks: &Tasks,
) -> Transport {
    let identity = identity(folder, own, tasks);
    let replicas = installation.processes().filter(|(service, _)| *service == callee);
    let addresses = replicas.map(|(_, replica)| installation.address(callee, replica, "internal").to_string());
    let addresses: Vec<_> = addresses.collect();
    Transport::connect(&addresses.join(","), callee, &identity, ChannelSettings::default(), Randomness::system())
        .expect("addresses")
}

/// Who `own` is by the files in `folder`.
pub(super) fn identity(folder: &Path, own: ServiceName, tasks: &Tasks) -> Identity {
    let files = IdentityFiles {
        certificate: folder.join(format!("{own}.pem")),
        private_key: folder.join(format!("{own}.key")),
        authorities: folder.join("ca.pem"),
    };
    let domain = "mintage.test".parse().expect("a trust domain");
    Identity::load(files, domain, own, Duration::from_millis(100), tasks).expect("a certificate")
}

/// Of each kind.
const ASKERS: usize = 4;
