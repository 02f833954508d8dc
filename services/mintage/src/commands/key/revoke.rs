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
    let RevokeSigningKeyResponse { revoked, active, early } =
        session.key_rings().await?.revoke_signing_key(request).await?.into_inner();
    let is_secret = revoked.as_ref().is_some_and(|key| !key.resource_server_id.is_empty());
    let outcome = if is_secret { OF_A_SECRET } else { OUTCOME };
    let unknown = active.as_ref().filter(|_| !is_secret).and_then(|active| may_be_unknown(active, early));
    let (revoked, active) = (Key::from(present(revoked)?), active.map(Key::from));
    let rows = std::iter::once(&revoked).chain(&active).map(View::row).collect();
    let answer = Answer::default().with("revoked", &revoked)?.with("active", &active)?;
    let answer = answer.block(Block::Grid(Key::HEAD, rows)).remark(outcome);
    Ok(unknown.into_iter().fold(answer, Answer::remark))
}

/// What is to be said of a key that some verifier may not know when it begins to sign.
fn may_be_unknown(active: &SigningKey, early: bool) -> Option<String> {
    // Of a release before, which does not say whether it was early.
    let was_made_now = active.since.is_some() && active.since == active.created_at;
    let why = match (was_made_now, early) {
        (true, _) => "No key was announced: the one that signs now was made this moment.",
        (false, true) => "The key that signs now was announced a moment ago, and not every verifier can know it yet.",
        (false, false) => return None,
    };
    Some(format!("{why} {REFUSED}"))
}

const REFUSED: &str = "Verifiers that may not fetch the key set again yet refuse its tokens until they may: for verifier_cooldown \
    and max_age at worst (30 s and 15 s unless told). Watchers of the key set hear of it at once.";
const OF_A_SECRET: &str = "Nobody but its holders can refuse its tokens: take the secret out of the API's verifier, and bring it \
    those that are left (`mintage key secret`).";
const OUTCOME: &str =
    "Watchers of the key set refuse its tokens within a second, other verifiers when they fetch it next.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_took_over_before_every_verifier_could_know_it_is_warned_of() {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let key = |since| SigningKey { created_at: at(1), since: at(since), ..SigningKey::default() };
        let said = |since, early| may_be_unknown(&key(since), early).unwrap_or_default();
        assert!(said(1, true).starts_with("No key was announced") && said(1, false).contains("verifier_cooldown"));
        assert!(said(2, true).contains("announced a moment ago") && said(2, true).contains("verifier_cooldown"));
        assert_eq!(said(2, false), "");
    }
}
