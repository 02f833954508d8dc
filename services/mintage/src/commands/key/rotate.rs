//! `mintage key rotate`.

use clap::Args;
use mintage_api::keys::{KeyState, RotateKeyRingRequest, RotateKeyRingResponse, SigningKey};

use super::ring::OneRing;
use crate::output::{Answer, Block, View};
use crate::session::{Session, present};
use crate::view::Key;
use crate::view::time::{Time, short};

/// `mintage key rotate`.
#[derive(Debug, Args)]
#[command(after_help = "\
The announced key becomes active as soon as every verifier can know it and every watcher of the
key set has acknowledged it; the key that signed until then still verifies. Keys follow each other
by themselves, too: `mintage key status` says when. Of a ring that was just made both keys count as
known, so that the first rotation is at once.

The secrets of an HS256 API (--api) are known to nobody by themselves: bring the pending one to the
API's verifier first (`mintage key secret`). Whether it was is not checked.

Examples:
  $ mintage key rotate --algorithm ES256
  $ mintage key rotate --api https://legacy.example.com/")]
pub(crate) struct Arguments {
    #[command(flatten)]
    ring: OneRing,
    /// Lets the key sign at once; verifiers that do not know it refuse its tokens for a while
    #[arg(long)]
    now_danger: bool,
}

/// Rotates a ring.
pub(crate) async fn run(Arguments { ring, now_danger }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = RotateKeyRingRequest { ring: Some(ring.name(session).await?), now_danger };
    let RotateKeyRingResponse { successor, predecessor, early } =
        session.key_rings().await?.rotate_key_ring(request).await?.into_inner();
    answer(present(successor)?, predecessor, early)
}

/// Which key signs, or will, and which did.
pub(super) fn answer(successor: SigningKey, predecessor: Option<SigningKey>, early: bool) -> anyhow::Result<Answer> {
    let outcome = outcome(&successor, early);
    let successor = Key::from(successor);
    let predecessor = predecessor.map(Key::from);
    let rows = std::iter::once(&successor).chain(&predecessor).map(View::row).collect();
    let answer = Answer::default().with("successor", &successor)?.with("predecessor", &predecessor)?;
    Ok(answer.block(Block::Grid(Key::HEAD, rows)).remark(outcome))
}

fn outcome(successor: &SigningKey, early: bool) -> String {
    let kid = &successor.kid;
    let due = short(successor.next_step_at.map(Time::from));
    let is_active = successor.state() == KeyState::Active;
    if !successor.resource_server_id.is_empty() {
        let from = if is_active { "now".to_owned() } else { due };
        let unrecorded = successor.no_record_of_showing;
        let record = if unrecorded { " There is no record that it was shown to anybody." } else { "" };
        return format!(
            "Secret {kid} signs from {from} on: what the API's verifier was not brought by then (`mintage key secret`) it \
             refuses.{record}"
        );
    }
    match (is_active, was_due(successor)) {
        (true, _) if early => {
            format!("Key {kid} signs from now on, and not every verifier can know it yet. {REFUSED}")
        }
        (true, _) => format!("Key {kid} signs from now on."),
        (false, true) => format!(
            "Key {kid} could sign, and waits for watchers of the key set; `mintage key status` says for whom, and until \
             when."
        ),
        (false, false) => {
            format!(
                "Key {kid} is announced and signs from {due} on, when every verifier can know it; `mintage key status` \
                 says whether a watcher of the key set holds it back."
            )
        }
    }
}

/// What becomes of the tokens of a key that some verifier does not know.
pub(super) const REFUSED: &str = "Verifiers that may not fetch the key set again yet refuse its tokens until they may: for \
    verifier_cooldown and max_age at worst (30 s and 15 s unless told). Watchers of the key set hear of it at once.";

/// Whether it was announced for long enough when it was asked to sign: only watchers hold it back.
fn was_due(pending: &SigningKey) -> bool {
    let at = |time: Option<prost_types::Timestamp>| time.map(|time| (time.seconds, time.nanos));
    at(pending.next_step_at) > at(pending.ready_at) && pending.ready_at.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remark_says_from_when_the_new_key_signs() {
        let mut key = SigningKey { kid: "k1".to_owned(), ..SigningKey::default() };
        key.set_state(KeyState::Active);
        assert_eq!(outcome(&key, false), "Key k1 signs from now on.");
        let early = outcome(&key, true);
        assert!(early.contains("not every verifier can know it yet") && early.contains("verifier_cooldown"), "{early}");
        key.set_state(KeyState::Pending);
        key.next_step_at = Some(prost_types::Timestamp { seconds: 60, nanos: 1 });
        assert!(outcome(&key, false).contains("signs from 1970-01-01T00:01:00Z on"));
        key.ready_at = Some(prost_types::Timestamp { seconds: 59, nanos: 0 });
        assert!(outcome(&key, false).contains("waits for watchers"), "its time had come when it was asked for");
    }

    #[test]
    fn of_a_secret_it_is_never_said_that_verifiers_know_it() {
        let mut secret =
            SigningKey { kid: "k1".to_owned(), resource_server_id: "api_1".to_owned(), ..SigningKey::default() };
        secret.set_state(KeyState::Pending);
        secret.next_step_at = Some(prost_types::Timestamp { seconds: 60, nanos: 1 });
        let said = outcome(&secret, false);
        assert!(said.contains("from 1970-01-01T00:01:00Z on") && said.contains("`mintage key secret`"), "{said}");
        assert!(!said.contains("every verifier") && !said.contains("record"), "{said}");
        secret.no_record_of_showing = true;
        secret.set_state(KeyState::Active);
        let said = outcome(&secret, true);
        assert!(said.contains("from now on") && said.contains("no record that it was shown to anybody"), "{said}");
    }
}
