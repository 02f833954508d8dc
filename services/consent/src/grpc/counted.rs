//! What operators count: who signs in, and what clients are let do.

use mintage_chassis::telemetry::names::{CONSENT_DECISIONS, SIGN_INS};

use super::Desk;
use crate::domain::ConsentError;
use crate::domain::authentication::{Authenticated, Authenticator as _};
use crate::domain::grant::Basis;
use crate::domain::password_directory::Shown;

impl Desk {
    /// Who somebody is, by the password; counted.
    pub(super) async fn authenticate(&self, shown: Shown<'_>) -> Result<Authenticated, ConsentError> {
        let outcome = self.passwords.authenticate(shown).await;
        SIGN_INS.add(
            1,
            [match &outcome {
                Ok(_) => "ok",
                Err(ConsentError::SignInRefused) => "refused",
                Err(ConsentError::TooManyAttempts { .. }) => "too_many_attempts",
                Err(ConsentError::Overloaded) => "overloaded",
                Err(_) => "failed",
            }],
        );
        outcome
    }
}

/// A client was given something.
pub(super) fn given(basis: Basis) {
    CONSENT_DECISIONS.add(
        1,
        [match basis {
            Basis::Asked => "agreed",
            Basis::Said => "known",
            Basis::Unasked => "unasked",
        }],
    );
}

/// A user who was asked said no.
pub(super) fn denied() {
    CONSENT_DECISIONS.add(1, ["denied"]);
}
