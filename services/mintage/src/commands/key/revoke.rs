//! `mintage key revoke`.

use clap::Args;
use mintage_api::keys::{RevokeSigningKeyRequest, RevokeSigningKeyResponse, SigningKey};

use super::rotate::REFUSED;
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

The secret of an HS256 API is in no key set: the API's verifier believes its tokens until somebody
takes it out there, and refuses those of the next secret until it has that (`mintage key secret`).

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
    confirmation.ask(&format!(
        "Revoke key {kid}? Every token that it signed is refused wherever the key set is fetched anew; those of a secret of an \
         API, once the secret is taken out of the API's verifier. That cannot be undone."
    ))?;
    let request = RevokeSigningKeyRequest { tenant_id: place.tenant, kid, reason };
    let done = session.key_rings().await?.revoke_signing_key(request).await?.into_inner();
    let remarks = remarks(&done);
    let RevokeSigningKeyResponse { revoked, active, .. } = done;
    let (revoked, active) = (Key::from(present(revoked)?), active.map(Key::from));
    let rows = std::iter::once(&revoked).chain(&active).map(View::row).collect();
    let answer = Answer::default().with("revoked", &revoked)?.with("active", &active)?;
    Ok(remarks.into_iter().fold(answer.block(Block::Grid(Key::HEAD, rows)), Answer::remark))
}

/// What was done, and what is to be done yet.
fn remarks(done: &RevokeSigningKeyResponse) -> Vec<String> {
    let already = done.already.then(|| ALREADY.to_owned());
    let is_secret = done.revoked.as_ref().is_some_and(|key| !key.resource_server_id.is_empty());
    let (outcome, unknown) = if is_secret {
        let unrecorded = done.active.as_ref().filter(|active| active.no_record_of_showing);
        let unrecorded = unrecorded.map(|active| format!("{NEXT} {}, was shown to anybody.", active.kid));
        (Some(OF_A_SECRET), unrecorded)
    } else {
        let outcome = (!done.already).then_some(OUTCOME);
        (outcome, done.active.as_ref().and_then(|active| may_be_unknown(active, done.early)))
    };
    let unknown = unknown.filter(|_| is_secret || !done.already);
    already.into_iter().chain(outcome.map(str::to_owned)).chain(unknown).collect()
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

const OF_A_SECRET: &str = "The secret is in no key set, and nothing but the API's verifier can refuse its tokens: take it out \
    there now, and bring the verifier the one that signs now (`mintage key secret`).";
const NEXT: &str = "There is no record that the one that signs now,";
const ALREADY: &str = "The key was revoked already: nothing was done, and no reason is put on record. `mintage key history` says \
    who revoked it and why.";
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

    #[test]
    fn of_a_secret_it_is_said_that_its_tokens_are_believed_until_it_is_taken_out() {
        let secret = |kid: &str| {
            let (kid, resource_server_id) = (kid.to_owned(), "api_1".to_owned());
            Some(SigningKey { kid, resource_server_id, ..SigningKey::default() })
        };
        let mut done =
            RevokeSigningKeyResponse { revoked: secret("k1"), active: secret("k2"), early: true, ..Default::default() };
        let said = remarks(&done);
        assert!(
            said.len() == 1 && said[0].contains("take it out") && said[0].contains("`mintage key secret`"),
            "{said:?}"
        );
        assert!(!said[0].contains("Watchers") && !said[0].contains("fetch"), "{said:?}");
        done.active.as_mut().unwrap().no_record_of_showing = true;
        let said = remarks(&done);
        assert!(said[1].contains("no record that the one that signs now, k2, was shown"), "{said:?}");
    }

    #[test]
    fn a_key_that_was_revoked_before_is_not_said_to_be_revoked_now() {
        let key = Some(SigningKey { kid: "k1".to_owned(), ..SigningKey::default() });
        let done = RevokeSigningKeyResponse { revoked: key.clone(), active: key, ..Default::default() };
        assert_eq!(remarks(&done), [OUTCOME]);
        assert_eq!(remarks(&RevokeSigningKeyResponse { already: true, ..done }), [ALREADY]);
    }
}
