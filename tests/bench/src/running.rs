//! Servers that run, one or several that are one installation.

use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::process::{Cpu, Server};

/// The processes of a target, and where they are asked.
pub(crate) struct Running {
    pub(crate) servers: Vec<Server>,
    pub(crate) endpoint: Endpoint,
}

/// What each process has used up to a moment.
pub(crate) struct Used(Vec<(String, Cpu)>);

impl Running {
    pub(crate) fn used(&self) -> anyhow::Result<Used> {
        let each = self.servers.iter().map(|server| Ok((server.name.clone(), server.cpu()?)));
        each.collect::<anyhow::Result<_>>().map(Used)
    }

    /// What the processes hold in memory, in all.
    pub(crate) fn resident_bytes(&self) -> anyhow::Result<u64> {
        self.servers.iter().map(Server::resident_bytes).sum()
    }

    /// From the one that is asked to those that it asks.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        for server in self.servers {
            server.stop().await?;
        }
        Ok(())
    }
}

impl Used {
    /// What was used since, by name; replicas have one.
    pub(crate) fn since(self, before: Self) -> Vec<(String, Duration)> {
        let mut parts: Vec<(String, Duration)> = Vec::new();
        for ((name, now), (_, before)) in self.0.into_iter().zip(before.0) {
            match parts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum += now - before,
                None => parts.push((name, now - before)),
            }
        }
        parts
    }
}
