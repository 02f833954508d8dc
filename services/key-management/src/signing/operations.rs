//! The domain's operations as the doors call them: what was kept is in effect here before the caller hears of it.

use mintage_jose::Kid;
use mintage_oauth::{TenantId, TokenLifetime};

use super::{Keys, Unfit};
use crate::domain::revoke::Revocation;
use crate::domain::rotate::Rotation;
use crate::domain::{Cause, KeysError, Ready, Ring, RingName, RotationPolicy};

impl Keys {
    /// Makes a ring unless it exists; its keys are kept for tokens that live for up to `longest_token`.
    ///
    /// # Errors
    /// When keys cannot be made or kept.
    pub async fn ensure(&self, name: &RingName, longest_token: TokenLifetime, cause: &Cause) -> Result<(), KeysError> {
        self.in_effect(self.operations.ensure(name, longest_token, cause)).await
    }

    /// Rotates a ring by hand.
    ///
    /// # Errors
    /// When there is no such ring, it is full, or the change cannot be kept.
    pub async fn rotate(&self, name: &RingName, ready: Ready, cause: &Cause) -> Result<Rotation, KeysError> {
        let rotation = self.in_effect(self.operations.rotate(name, ready, cause)).await?;
        if rotation.successor.state.is_active()
            && let Err(error) = self.in_effect(self.operations.fill(name, cause)).await
        {
            // The next step makes it.
            tracing::warn!(ring = %name, error = ?error, "after a rotation no other key is announced yet");
        }
        Ok(rotation)
    }

    /// Activates one announced key now.
    ///
    /// # Errors
    /// When it is not announced, or not everywhere and that is not accepted.
    pub async fn activate(
        &self,
        name: &RingName,
        kid: &Kid,
        ready: Ready,
        cause: &Cause,
    ) -> Result<Rotation, KeysError> {
        self.in_effect(self.operations.activate(name, kid, ready, cause)).await
    }

    /// Ends a key at once, for cause.
    ///
    /// # Errors
    /// When the ring serves no such key, or the change cannot be kept.
    pub async fn revoke(&self, name: &RingName, kid: &Kid, cause: &Cause) -> Result<Revocation, KeysError> {
        self.in_effect(self.operations.revoke(name, kid, cause)).await
    }

    /// Lets no key of a ring follow by itself, or lets them again.
    ///
    /// # Errors
    /// When there is no such ring or that cannot be kept.
    pub async fn hold(&self, name: &RingName, held: bool, cause: &Cause) -> Result<Ring, KeysError> {
        self.in_effect(self.operations.hold(name, held, cause)).await
    }

    /// Sets how the keys of a ring follow each other.
    ///
    /// # Errors
    /// When there is no such ring, the policy does not hold together, or it cannot be kept.
    pub async fn follow(&self, name: &RingName, own: Option<RotationPolicy>, cause: &Cause) -> Result<Ring, KeysError> {
        self.in_effect(self.operations.follow(name, own, cause)).await
    }

    /// Lets the keys of a ring sign tokens that live for up to `longest_token`.
    pub(super) async fn extend(&self, name: &RingName, longest_token: TokenLifetime) -> Result<(), KeysError> {
        // Whoever asks for the same at the same time finds it done.
        let _turn = self.extending.lock().await;
        let known = self.read_anew(name).await?;
        if known.is_some_and(|view| view.signs(longest_token, self.clock().now()) != Err(Unfit::LivesTooLong)) {
            return Ok(());
        }
        self.in_effect(self.operations.extend(name, longest_token, &Cause::due())).await
    }

    /// Ends a ring at once.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub async fn remove(&self, name: &RingName, cause: &Cause) -> Result<(), KeysError> {
        self.in_effect(self.operations.remove(name, cause)).await
    }

    /// Ends every ring of a tenant at once.
    ///
    /// # Errors
    /// When one cannot be ended.
    pub async fn remove_all(&self, tenant: &TenantId, cause: &Cause) -> Result<(), KeysError> {
        self.in_effect(self.operations.remove_all(tenant, cause)).await
    }

    async fn in_effect<T>(&self, operation: impl Future<Output = Result<T, KeysError>>) -> Result<T, KeysError> {
        let done = operation.await?;
        self.read_on().await;
        Ok(done)
    }
}
