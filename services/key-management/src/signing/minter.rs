//! Makes keys on a thread where no request runs.

use std::sync::Arc;
use std::time::Duration;

use mintage_clock::{Clock, Randomness};
use mintage_jose::RsaSize;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::directory::internal;
use super::failures::Failures;
use crate::custody::{Calls, Custody, CustodyError, TokenError};
use crate::domain::minting::Minted;
use crate::domain::ports::Mint;
use crate::domain::{ObjectName, PortError, RingName};
use crate::store::KeyStore;

/// Makes and keeps keys, two at a time at most: making RSA keys must not take every core from those who sign.
#[derive(Clone, Debug)]
pub(super) struct Minter {
    custody: Custody,
    store: KeyStore,
    rsa: RsaSize,
    clock: Clock,
    randomness: Randomness,
    turns: Arc<Semaphore>,
    token_calls: Calls,
    failures: Arc<Failures>,
}

impl Minter {
    pub(super) fn new(
        custody: Custody,
        store: KeyStore,
        (rsa, clock): (RsaSize, Clock),
        randomness: Randomness,
    ) -> Self {
        Self {
            custody,
            store,
            rsa,
            clock,
            randomness,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            token_calls: Calls::new(AT_ONCE),
            failures: Arc::default(),
        }
    }

    /// What is made inside a token is noted first: whatever ends this process, somebody knows to destroy it.
    async fn note(&self, ring: &RingName) -> Result<Option<ObjectName>, PortError> {
        let Some(token) = self.custody.token_for(ring) else { return Ok(None) };
        self.failures.check(ring, &self.clock).map_err(|failed| PortError::Unavailable(failed.into()))?;
        let name = ObjectName::draw(&self.randomness);
        let object_id = Custody::object_id(ring, &name);
        self.store.note_object(&name, &object_id, token.label(), self.clock.now()).await?;
        Ok(Some(name))
    }

    async fn seal(&self, ring: &RingName) -> Result<Minted, PortError> {
        let (ring, custody, randomness) = (ring.clone(), self.custody.clone(), self.randomness.clone());
        let (rsa, clock) = (self.rsa, self.clock.clone());
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(internal)?;
        let minting = tokio::task::spawn_blocking(move || {
            let minted = custody.make(&ring, None, (rsa, clock.now()), &randomness);
            drop(turn);
            minted
        });
        Ok(minting.await.map_err(internal)??)
    }

    async fn make_inside(&self, ring: &RingName, name: ObjectName) -> Result<Minted, PortError> {
        let making = {
            let (ring, name, this) = (ring.clone(), name.clone(), self.clone());
            move || this.make_and_clear(&ring, &name)
        };
        let (minted, cleared) = self.token_calls.call(PATIENCE, making).await.map_err(|silent| {
            self.failures.failed(ring, &self.clock);
            PortError::Unavailable(silent.into())
        })?;
        if cleared {
            self.store.forget_note(&name).await?;
        }
        Ok(minted?)
    }

    /// Whatever comes of it, even if nobody waits any more: what cannot be used does not stay. Whether it was destroyed.
    fn make_and_clear(&self, ring: &RingName, name: &ObjectName) -> (Result<Minted, CustodyError>, bool) {
        let began = self.clock.monotonic();
        let minted = self.custody.make(ring, Some(name), (self.rsa, self.clock.now()), &self.randomness);
        match &minted {
            Ok(_) => self.failures.succeeded(ring),
            // It was asked for nothing.
            Err(CustodyError::InToken(TokenError::Unsupported { .. })) => {}
            Err(_) => self.failures.failed(ring, &self.clock),
        }
        // Who asked may have given it up by now, and its note may be gone.
        let late = self.clock.monotonic().saturating_sub(began) >= PATIENCE;
        let cleared = (minted.is_err() || late) && self.custody.discard(ring, name);
        (minted, cleared)
    }
}

impl Mint for Minter {
    async fn mint(&self, ring: &RingName) -> Result<Minted, PortError> {
        match self.note(ring).await? {
            Some(name) => self.make_inside(ring, name).await,
            None => self.seal(ring).await,
        }
    }

    async fn mint_in_haste(&self, ring: &RingName) -> Result<Minted, PortError> {
        if self.custody.token_for(ring).is_none() {
            return self.seal(ring).await;
        }
        let error = match timeout(HASTE, self.mint(ring)).await {
            Ok(Ok(minted)) => return Ok(minted),
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        tracing::error!(%ring, ?error, "the token makes no key in time for a revocation: the next one is sealed in the database");
        self.seal(ring).await
    }

    async fn mint_pair(&self, ring: &RingName) -> Result<(Minted, Minted), PortError> {
        if self.custody.token_for(ring).is_some() {
            // A token makes one at a time, and some fail when another is looked for meanwhile.
            return Ok((self.mint(ring).await?, self.mint(ring).await?));
        }
        // Each to its end, so that none leaves anything behind.
        let (one, other) = tokio::join!(self.mint(ring), self.mint(ring));
        Ok((one?, other?))
    }
}

const AT_ONCE: usize = 2;
/// Far less than what was noted may take to become a key.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a stolen key may be left alive for.
const HASTE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use mintage_jose::Algorithm;
    use mintage_jose::seal::MasterKey;
    use mintage_testkit::{SoftHsm, TestDatabase, manual_clock};
    use tokio::time::Instant;

    use super::*;
    use crate::custody::{Keeper, Pin, Token, TokenAccess};
    use crate::domain::Kept;

    #[tokio::test]
    async fn a_token_that_hangs_keeps_no_stolen_key_alive() {
        let Some(hsm) = SoftHsm::of(concat!(module_path!(), "::a_token_that_hangs_keeps_no_stolen_key_alive")) else {
            return;
        };
        let access =
            TokenAccess { module: hsm.module(), label: SoftHsm::LABEL.to_owned(), pin: Pin::new(SoftHsm::PIN) };
        let clock = manual_clock().clock();
        let token = Arc::new(Token::open(access, clock.clone()).unwrap());
        let (test, masters) = (TestDatabase::sqlite(), Arc::new(MasterKey::from_bytes(&[7; 32]).into()));
        let database = test.connect().await;
        crate::migrate(&database).await.unwrap();
        let custody = Custody::new(masters, Some(token), Keeper::Pkcs11);
        let means = (RsaSize::default(), clock);
        let mut minter = Minter::new(custody, KeyStore::new(database), means, Randomness::system());
        let ring = RingName::new("default".parse().unwrap(), Algorithm::Es256, None).unwrap();
        assert!(matches!(minter.mint_in_haste(&ring).await.unwrap().kept, Kept::InToken(_)));
        // Nobody's turn ever comes.
        minter.token_calls = Calls::new(0);
        tokio::time::pause();
        let began = Instant::now();
        assert!(matches!(minter.mint_in_haste(&ring).await.unwrap().kept, Kept::Sealed(_)));
        assert!(began.elapsed() <= HASTE + Duration::from_millis(1));
    }
}
