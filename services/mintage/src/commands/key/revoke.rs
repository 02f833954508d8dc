//! `mintage key revoke`.

use clap::Args;
use mintage_api::keys::{RevokeSigningKeyRequest, RevokeSigningKeyResponse, SigningKey};

use crate::commands::arguments::InTenant;
use crate::commands::confirm::Confirmation;
use crate::output::{Answer, Block, View};
use crate::session::{Session, present};
use crate::view::Key;

/// `mintage key revoke`.
#[derive(Debug, Args)]
#[command(after_help = "\
For a key that is not to be believed any more. It leaves the key set at once, watchers refuse its
tokens within a second, and every other verifier when it fetches the key set next. If it signs, the
announced key signs from the same moment on; where none is, one that is made then, and verifiers
refuse its tokens until they fetch the key set again. It cannot be taken back.

Example:
  $ mintage key revoke oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U --reason 'it leaked' --yes")]
pub(crate) struct Arguments {
    /// The key's id
    #[arg(allow_hyphen_values = true)]
    kid: String,
    /// Why, for the record
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    place: InTenant,
}

/// Ends a key at once.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { kid, reason, confirmation, place } = arguments;
    confirmation.ask(&format!("Revoke key {kid}? Every token that it signed is refused wherever the key set is fetched anew, and that cannot be undone."))?;
    let request = RevokeSigningKeyRequest { tenant_id: place.tenant, kid, reason };
    let RevokeSigningKeyResponse { revoked, active } =
        session.key_rings().await?.revoke_signing_key(request).await?.into_inner();
    let unannounced = active.as_ref().is_some_and(never_announced);
    let (revoked, active) = (Key::from(present(revoked)?), active.map(Key::from));
    let rows = std::iter::once(&revoked).chain(&active).map(View::row).collect();
    let answer = Answer::default().with("revoked", &revoked)?.with("active", &active)?;
    let answer = answer.block(Block::Grid(Key::HEAD, rows)).remark(OUTCOME);
    Ok(if unannounced { answer.remark(UNANNOUNCED) } else { answer })
}

/// Whether a key signs from the moment on at which it was made.
fn never_announced(active: &SigningKey) -> bool {
    active.since.is_some() && active.since == active.created_at
}

const UNANNOUNCED: &str = "No key was announced: the one that signs now was made this moment. Verifiers that may not fetch the \
    key set again yet refuse its tokens until they may, for verifier_cooldown (30 s unless told).";
const OUTCOME: &str =
    "Watchers of the key set refuse its tokens within a second, other verifiers when they fetch it next.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_signs_since_it_was_made_was_never_announced() {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let key = |since| SigningKey { created_at: at(1), since: at(since), ..SigningKey::default() };
        assert!(never_announced(&key(1)) && !never_announced(&key(2)));
    }
}
