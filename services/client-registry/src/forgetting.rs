//! Clients that registered themselves and that nobody uses are forgotten, now and then.

use std::time::Duration;

use mintage_chassis::status::Chain;
use mintage_clock::Clock;

use crate::domain::RegistryError;
use crate::domain::registration::ForgetUnused;
use crate::settings::RegistrationBounds;
use crate::store::RegistryStore;

/// Forgets what is due. Every replica does; each finds what the others left. Without a lifetime nothing is ever due.
pub(crate) async fn forget_unused(store: RegistryStore, bounds: RegistrationBounds, clock: Clock) {
    while !bounds.unused_lifetime.is_zero() {
        let pause = match forget_some(&store, bounds, &clock).await {
            Ok(true) => BETWEEN_PIECES,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "clients that nobody uses are forgotten later");
                EVERY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// True while there may be more.
async fn forget_some(store: &RegistryStore, bounds: RegistrationBounds, clock: &Clock) -> Result<bool, RegistryError> {
    let now = clock.now();
    let until = now - bounds.unused_lifetime;
    // Writes wait for each other, so that nobody begins one in vain.
    if !store.has_unused(until).await? {
        return Ok(false);
    }
    let (forgotten, _) = store.write(now, &ForgetUnused { until }).await?;
    for (tenant, client) in &forgotten {
        tracing::info!(%tenant, %client, "a client that registered itself and was never used is forgotten");
    }
    Ok(!forgotten.is_empty())
}

const EVERY: Duration = Duration::from_mins(10);
/// Others want to write, too.
const BETWEEN_PIECES: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use mintage_testkit::{manual_clock, on_each_backend};

    use super::*;

    #[tokio::test]
    async fn without_a_lifetime_nothing_is_ever_forgotten() {
        on_each_backend(async |home| {
            let store = RegistryStore::new(home.connect().await);
            let bounds = RegistrationBounds { unused_lifetime: Duration::ZERO };
            let ends = forget_unused(store, bounds, manual_clock().clock());
            tokio::time::timeout(Duration::from_secs(20), ends).await.expect("there is nothing to do");
        })
        .await;
    }
}
