//! What was done to a key.

use mintage_api::keys;
use serde::Serialize;

use super::time::{Time, short};
use super::words::{Algorithm, KeyDeed};
use crate::output::{Block, View};

/// A fact in words.
#[derive(Debug, Serialize)]
pub(crate) struct KeyFact {
    at: Option<Time>,
    tenant_id: String,
    algorithm: String,
    resource_server_id: String,
    kid: String,
    deed: String,
    by: String,
    reason: String,
    resealed: Option<ResealedKeys>,
    /// What the deed came to, in words.
    detail: String,
}

/// Private keys that went from one master key to another.
#[derive(Debug, Serialize)]
struct ResealedKeys {
    keys: u32,
    from_master_key_id: String,
    to_master_key_id: String,
}

impl From<keys::KeyFact> for KeyFact {
    fn from(fact: keys::KeyFact) -> Self {
        let keys::KeyFact { at, ring, kid, deed, by, reason, resealed, detail } = fact;
        let keys::KeyRingName { tenant_id, algorithm, resource_server_id } = ring.unwrap_or_default();
        Self {
            at: at.map(Time::from),
            tenant_id,
            algorithm: Algorithm::name_of(algorithm),
            resource_server_id,
            kid,
            deed: KeyDeed::name_of(deed),
            by,
            reason,
            resealed: resealed.map(ResealedKeys::from),
            detail,
        }
    }
}

impl From<keys::ResealedKeys> for ResealedKeys {
    fn from(resealed: keys::ResealedKeys) -> Self {
        let keys::ResealedKeys { keys, from_master_key_id, to_master_key_id } = resealed;
        Self { keys, from_master_key_id, to_master_key_id }
    }
}

impl KeyFact {
    /// The deed, and what only this one has to say.
    fn told(&self) -> String {
        match &self.resealed {
            Some(ResealedKeys { keys, from_master_key_id: from, to_master_key_id: to }) => {
                format!("{}: {keys} from {from} to {to}", self.deed)
            }
            None if self.detail.is_empty() => self.deed.clone(),
            None => format!("{}: {}", self.deed, self.detail),
        }
    }
}

impl View for KeyFact {
    const ONE: &'static str = "fact";
    const MANY: &'static str = "facts";
    const HEAD: &'static [&'static str] = &["AT", "ALGORITHM", "API", "KID", "DEED", "BY", "REASON"];

    fn row(&self) -> Vec<String> {
        let Self { algorithm, resource_server_id, kid, by, reason, .. } = self;
        let told = self.told();
        let mut row = vec![short(self.at)];
        row.extend([algorithm, resource_server_id, kid, &told, by, reason].map(Clone::clone));
        row
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Grid(Self::HEAD, vec![self.row()])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reseal_says_how_many_keys_went_from_which_master_key_to_which() {
        let resealed =
            keys::ResealedKeys { keys: 2, from_master_key_id: "old".to_owned(), to_master_key_id: "new".to_owned() };
        let mut fact = keys::KeyFact { resealed: Some(resealed), ..keys::KeyFact::default() };
        fact.set_deed(keys::KeyDeed::Resealed);
        assert_eq!(KeyFact::from(fact).row()[4], "resealed: 2 from old to new");
        let mut shown = keys::KeyFact::default();
        shown.set_deed(keys::KeyDeed::Shown);
        assert_eq!(KeyFact::from(shown).row()[4], "shown");
        let mut extended = keys::KeyFact { detail: "tokens of 2d".to_owned(), ..keys::KeyFact::default() };
        extended.set_deed(keys::KeyDeed::Extended);
        assert_eq!(KeyFact::from(extended).row()[4], "extended: tokens of 2d");
    }
}
