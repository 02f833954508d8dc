//! Makes keys on a thread where no request runs.

use std::sync::Arc;

use mintage_clock::Randomness;
use mintage_jose::seal::MasterKey;
use tokio::sync::Semaphore;

use super::directory::internal;
use crate::domain::minting::{self, Minted};
use crate::domain::ports::Mint;
use crate::domain::{PortError, RingName};

/// Makes and seals keys, two at a time at most: making RSA keys must not take every core from those who sign.
#[derive(Clone, Debug)]
pub(super) struct Minter {
    master: Arc<MasterKey>,
    randomness: Randomness,
    turns: Arc<Semaphore>,
}

impl Minter {
    pub(super) fn new(master: Arc<MasterKey>, randomness: Randomness) -> Self {
        Self { master, randomness, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Mint for Minter {
    async fn mint(&self, ring: &RingName) -> Result<Minted, PortError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(internal)?;
        let (ring, master, randomness) = (ring.clone(), Arc::clone(&self.master), self.randomness.clone());
        let minting = tokio::task::spawn_blocking(move || {
            let minted = minting::mint(&ring, &master, &randomness);
            drop(turn);
            minted
        });
        minting.await.map_err(internal)?.map_err(internal)
    }

    async fn mint_pair(&self, ring: &RingName) -> Result<(Minted, Minted), PortError> {
        tokio::try_join!(self.mint(ring), self.mint(ring))
    }
}

const AT_ONCE: usize = 2;
