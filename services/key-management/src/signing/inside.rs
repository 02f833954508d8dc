//! Signatures inside a token: no item of a batch waits for it longer than the others can bear.

use std::sync::Arc;

use super::Keys;
use super::sign::{Order, SignRefusal};
use crate::custody::OpenKey;

impl Keys {
    /// Begins a signature inside the token; refused at once while the token does not answer, and when it does not in time.
    pub(super) fn begin_inside(
        &self,
        signer: &Arc<OpenKey>,
        order: Order,
    ) -> Result<impl Future<Output = Result<String, SignRefusal>> + Send + 'static + use<>, SignRefusal> {
        let pool = self.token_pool.as_ref().ok_or(SignRefusal::Unavailable)?;
        let asked = self.custody.silence().ask().map_err(|_| SignRefusal::Unavailable)?;
        let signing = pool.sign(Arc::clone(signer), order)?;
        Ok(async move { asked.wait(signing).await.unwrap_or(Err(SignRefusal::Unavailable)) })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use mintage_chassis::{ServiceName, Transport};
    use mintage_clock::Randomness;
    use mintage_jose::Algorithm;
    use mintage_jose::seal::MasterKey;
    use mintage_oauth::TokenLifetime;
    use mintage_testkit::{TestDatabase, manual_clock};
    use tokio::time::Instant;

    use super::super::signature_pool::SignaturePool;
    use super::super::{Parts, TokenType};
    use super::*;
    use crate::custody::{Custody, Keeper, PATIENCE, PAUSE};
    use crate::domain::{Author, Cause, RingName};
    use crate::store::KeyStore;
    use crate::{Settings, migrate};

    fn ring(algorithm: Algorithm) -> RingName {
        let api = algorithm.is_symmetric().then(|| "api_1".parse().unwrap());
        RingName::new("default".parse().unwrap(), algorithm, api).unwrap()
    }

    fn order(algorithm: Algorithm) -> Result<Order, SignRefusal> {
        let lifetime = TokenLifetime::default();
        Ok(Order { ring: ring(algorithm), typ: TokenType::Jwt, payload: b"{}".to_vec(), lifetime })
    }

    /// Keys of three rings that are open, and room for signatures of a token.
    async fn keys(test: &TestDatabase) -> Keys {
        let (settings, clock) = (Settings::default(), manual_clock());
        let database = test.connect().await;
        migrate(&database).await.unwrap();
        let masters = Arc::new(MasterKey::from_bytes(&[7; 32]).into());
        let mut keys = Keys::open(Parts {
            store: KeyStore::new(database),
            custody: Custody::new(masters, None, Keeper::Sealed),
            policy: settings.policy().unwrap(),
            clock: clock.clock(),
            randomness: Randomness::system(),
            signing_threads: NonZeroUsize::MIN,
            token_sessions: NonZeroUsize::MIN,
            max_waiting_signatures: 16,
            rsa: settings.rsa_size().unwrap(),
            watching: settings.watch,
            registry: Transport::in_process(ServiceName::KEY_MANAGEMENT, Default::default()),
            record_retention: settings.record_retention,
        })
        .await
        .unwrap();
        keys.token_pool = Some(SignaturePool::new("token_signatures", NonZeroUsize::MIN, 16).unwrap());
        let cause = Cause::of(Author::Operator("op".into()));
        for algorithm in [Algorithm::Hs256, Algorithm::EdDsa, Algorithm::Es256] {
            keys.ensure(&ring(algorithm), TokenLifetime::default(), &cause).await.unwrap();
        }
        let warm = keys.sign(vec![order(Algorithm::Hs256), order(Algorithm::Es256)]).await.unwrap();
        assert!(warm.iter().all(Result::is_ok), "{warm:?}");
        keys
    }

    #[tokio::test]
    async fn a_token_that_hangs_keeps_sealed_keys_of_its_batch_waiting_for_no_longer_than_they_can_bear() {
        let test = TestDatabase::sqlite();
        let keys = keys(&test).await;
        let view = keys.ring(&ring(Algorithm::EdDsa)).await.unwrap().unwrap();
        let (end, hangs) = channel();
        let kid = view.ring().active().unwrap().kid.clone();
        view.signs_with(OpenKey::hanging(kid, hangs));
        let batch = async || {
            let began = Instant::now();
            let signed =
                keys.sign([Algorithm::Hs256, Algorithm::EdDsa, Algorithm::Es256].map(order).into()).await.unwrap();
            assert!(signed[0].is_ok() && signed[2].is_ok(), "{signed:?}");
            assert_eq!(signed[1], Err(SignRefusal::Unavailable));
            began.elapsed()
        };
        // Timers are exact to a millisecond.
        let patience = PATIENCE..=PATIENCE + Duration::from_millis(1);
        tokio::time::pause();
        assert!(patience.contains(&batch().await));
        assert_eq!(batch().await, Duration::ZERO, "it is not asked again at once");
        tokio::time::advance(PAUSE).await;
        assert!(patience.contains(&batch().await), "it is tried again");
        tokio::time::advance(PAUSE).await;
        let many = keys.sign((0..8).map(|_| order(Algorithm::EdDsa)).collect()).await.unwrap();
        assert_eq!(many, [const { Err(SignRefusal::Unavailable) }; 8], "by one, and the queue stays free");
        drop(end);
    }
}
