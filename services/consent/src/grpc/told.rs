//! What the log and the traces are told of a request: whose it is, and what the user comes to. Ids alone, and only those that
//! there are.

use mintage_chassis::telemetry;
use mintage_oauth::{ClientId, TenantId};

use super::authorization::Going;
use crate::domain::answer::Refusal;
use crate::domain::id::UserId;

/// It is of this tenant.
pub(super) fn tenant(tenant: &TenantId) {
    telemetry::note(|facts| facts.tenant(tenant));
}

/// It is about this client.
pub(super) fn client(client: &ClientId) {
    telemetry::note(|facts| facts.client(client));
}

/// It is about this user.
pub(super) fn user(user: &UserId) {
    telemetry::note(|facts| facts.user(user.as_str()));
}

/// The client is told no.
pub(super) fn refused(refusal: &Refusal) {
    telemetry::note(|facts| facts.error(refusal.error));
}

/// The browser goes there.
pub(super) fn going(going: &Going) {
    let step = match going {
        Going::Back(answer) if answer.parameters.iter().any(|(name, _)| *name == "error") => "refused",
        Going::Refused(_) => "refused",
        Going::Back(_) => "granted",
        Going::SignIn(_) => "sign_in",
        Going::Consent(_) => "consent",
        Going::Home => "home",
        Going::ClientUnknown => "client_unknown",
        Going::RedirectUriMismatch => "redirect_uri_mismatch",
    };
    telemetry::note(|facts| facts.step(step));
}
