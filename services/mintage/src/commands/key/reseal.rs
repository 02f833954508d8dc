//! `mintage key reseal`.

use anyhow::{bail, ensure};
use clap::Args;
use mintage_api::keys::{ResealPrivateKeysRequest, ResealPrivateKeysResponse};

use crate::commands::pages::PAGE_SIZE;
use crate::output::{Answer, Block, View};
use crate::session::Session;
use crate::view::SealedKeys;

/// `mintage key reseal`.
#[derive(Debug, Args)]
#[command(after_help = "\
The step between two changes of the settings by which one master key follows another without a
pause: docs/operations.md says all of them. Keys sign on meanwhile; it may be repeated, and run
twice at once. It fails unless every private key is under the one master key then. The record of
each ring says how many of its keys went from which master key to which (`mintage key history`).

Examples:
  $ mintage key reseal
  $ mintage key reseal --reason 'the old master key was in a backup'")]
pub(crate) struct Arguments {
    /// Why, for the record
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

/// Seals everything under the master key that seals now.
pub(crate) async fn run(Arguments { reason }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut rings = session.key_rings().await?;
    let mut outcome = Outcome::default();
    loop {
        let page_token = outcome.next_page_token.clone();
        let request = ResealPrivateKeysRequest { page_size: PAGE_SIZE, page_token, reason: reason.clone() };
        let page = rings.reseal_private_keys(request).await?.into_inner();
        if outcome.take(page)? {
            return outcome.answer();
        }
    }
}

/// What the pages say together.
#[derive(Default)]
struct Outcome {
    master_key_id: String,
    resealed: u64,
    sealed: Vec<SealedKeys>,
    next_page_token: String,
}

impl Outcome {
    /// Adds a page, and says whether it was the last.
    fn take(&mut self, page: ResealPrivateKeysResponse) -> anyhow::Result<bool> {
        let ResealPrivateKeysResponse { master_key_id, resealed, next_page_token, sealed } = page;
        let (before, first) = (&self.master_key_id, self.master_key_id.is_empty());
        ensure!(
            first || *before == master_key_id,
            "one replica seals under the master key {before} and another under {master_key_id}: \
             see that all have the same settings, and repeat it"
        );
        let last = next_page_token.is_empty();
        ensure!(last || next_page_token != self.next_page_token, "the server gives the same page again and again");
        self.resealed += u64::from(resealed);
        self.sealed = sealed.into_iter().map(SealedKeys::from).collect();
        (self.master_key_id, self.next_page_token) = (master_key_id, next_page_token);
        Ok(last)
    }

    fn answer(self) -> anyhow::Result<Answer> {
        let Self { master_key_id, resealed, sealed, .. } = self;
        let elsewhere: Vec<_> = sealed.iter().filter(|keys| keys.master_key_id != master_key_id).collect();
        if !elsewhere.is_empty() {
            let left: Vec<_> = elsewhere.iter().map(ToString::to_string).collect();
            bail!(
                "{resealed} private keys were sealed anew under the master key {master_key_id}, but others still seal some: \
                 {}; see that no replica seals under those any more, and repeat it; key management's log names keys that \
                 cannot be opened",
                left.join(", ")
            );
        }
        let rows = sealed.iter().map(View::row).collect();
        let answer = Answer::default()
            .with("master_key_id", &master_key_id)?
            .with("resealed", resealed)?
            .with(SealedKeys::MANY, &sealed)?
            .block(Block::Grid(SealedKeys::HEAD, rows));
        let anew = if resealed == 1 { "1 was".to_owned() } else { format!("{resealed} were") };
        Ok(answer.remark(format!("Every private key is sealed under {master_key_id}; {anew} sealed anew just now.")))
    }
}

#[cfg(test)]
mod tests {
    use mintage_api::keys;

    use super::*;

    fn page(master_key_id: &str, resealed: u32, next: &str, sealed: &[(&str, u64)]) -> ResealPrivateKeysResponse {
        let sealed = sealed.iter().map(|(id, keys)| keys::SealedKeys { master_key_id: (*id).to_owned(), keys: *keys });
        ResealPrivateKeysResponse {
            master_key_id: master_key_id.to_owned(),
            resealed,
            next_page_token: next.to_owned(),
            sealed: sealed.collect(),
        }
    }

    #[test]
    fn the_pages_are_counted_together_and_the_last_says_how_things_stand() {
        let mut outcome = Outcome::default();
        assert!(!outcome.take(page("new", 100, "second", &[])).unwrap());
        assert!(outcome.take(page("new", 3, "", &[("new", 200)])).unwrap());
        let json = outcome.answer().unwrap().as_json();
        assert_eq!((&json["resealed"], &json["sealed"][0]["keys"]), (&103.into(), &200.into()));
    }

    #[test]
    fn what_is_left_under_another_master_key_is_a_failure_that_says_where() {
        let mut outcome = Outcome::default();
        outcome.take(page("new", 3, "", &[("new", 3), ("old", 2)])).unwrap();
        let refusal = outcome.answer().err().unwrap().to_string();
        assert!(refusal.contains("3 private keys were") && refusal.contains("2 by old"), "{refusal}");
    }

    #[test]
    fn replicas_that_seal_under_different_master_keys_are_told_apart() {
        let mut outcome = Outcome::default();
        outcome.take(page("new", 3, "second", &[])).unwrap();
        let refusal = outcome.take(page("old", 3, "third", &[])).unwrap_err().to_string();
        assert!(refusal.contains("new and another under old"), "{refusal}");
    }

    #[test]
    fn pages_that_go_in_circles_end() {
        let mut outcome = Outcome::default();
        outcome.take(page("new", 0, "again", &[])).unwrap();
        assert!(outcome.take(page("new", 0, "again", &[])).is_err());
    }
}
