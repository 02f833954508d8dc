//! `mintage key rotate`.

use clap::Args;
use mintage_api::keys::{KeyRingName, KeyState, RotateKeyRingRequest, RotateKeyRingResponse, SigningKey};

use super::shared_secret;
use crate::commands::arguments::InTenant;
use crate::failure::Usage;
use crate::output::{Answer, Block, View};
use crate::session::{Session, present};
use crate::view::Key;
use crate::view::time::{Time, short};
use crate::view::words::Algorithm;

/// `mintage key rotate`.
#[derive(Debug, Args)]
#[command(after_help = "\
The announced key becomes active as soon as every verifier can know it; the key that signed until
then still verifies.

Examples:
  $ mintage key rotate --algorithm ES256
  $ mintage key rotate --api https://legacy.example.com/")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: InTenant,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "One of")]
struct Which {
    /// The ring of this algorithm
    #[arg(long, ignore_case = true)]
    algorithm: Option<Algorithm>,
    /// The secrets of this HS256 API, by its identifier or id
    #[arg(long)]
    api: Option<String>,
}

/// Rotates a ring.
pub(crate) async fn run(Arguments { which, place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let ring = match which {
        Which { api: Some(api), .. } => shared_secret::ring(session, place.tenant, api).await?,
        Which { algorithm: Some(algorithm), .. } if algorithm != Algorithm::Hs256 => {
            KeyRingName { tenant_id: place.tenant, algorithm: algorithm.into(), resource_server_id: String::new() }
        }
        _ => return Err(Usage("each HS256 API has its own secrets: say which with --api".to_owned()).into()),
    };
    let request = RotateKeyRingRequest { ring: Some(ring) };
    answer(session.key_rings().await?.rotate_key_ring(request).await?.into_inner())
}

fn answer(RotateKeyRingResponse { successor, predecessor }: RotateKeyRingResponse) -> anyhow::Result<Answer> {
    let successor = present(successor)?;
    let outcome = outcome(&successor);
    let successor = Key::from(successor);
    let predecessor = predecessor.map(Key::from);
    let rows = std::iter::once(&successor).chain(&predecessor).map(View::row).collect();
    let answer = Answer::default().with("successor", &successor)?.with("predecessor", &predecessor)?;
    Ok(answer.block(Block::Grid(Key::HEAD, rows)).remark(outcome))
}

fn outcome(successor: &SigningKey) -> String {
    let kid = &successor.kid;
    match successor.state() {
        KeyState::Active => format!("Key {kid} signs from now on."),
        _ => {
            let due = short(successor.next_step_at.map(Time::from));
            format!("Key {kid} is announced and signs from {due} on, when every verifier can know it.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remark_says_from_when_the_new_key_signs() {
        let mut key = SigningKey { kid: "k1".to_owned(), ..SigningKey::default() };
        key.set_state(KeyState::Active);
        assert_eq!(outcome(&key), "Key k1 signs from now on.");
        key.set_state(KeyState::Pending);
        key.next_step_at = Some(prost_types::Timestamp { seconds: 60, nanos: 1 });
        assert!(outcome(&key).contains("signs from 1970-01-01T00:01:00Z on"));
    }
}
