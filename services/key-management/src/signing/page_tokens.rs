//! Page tokens of lists of keys, the same on every replica, also while they are told another master key.

use mintage_jose::TextTagger;
use mintage_jose::seal::MasterKeys;

use super::Keys;

impl Keys {
    /// Makes and reads the page tokens of lists of keys.
    #[must_use]
    pub fn page_tokens(&self) -> PageTokens {
        PageTokens::new(self.custody.masters())
    }
}

/// Made under what is derived of the master key that seals, read under what is derived of each that is known.
#[derive(Debug)]
pub struct PageTokens {
    making: TextTagger,
    reading: Vec<TextTagger>,
}

impl PageTokens {
    fn new(masters: &MasterKeys) -> Self {
        let tagger = |key: &mintage_jose::seal::MasterKey| TextTagger::new(key.derive("page token"));
        Self { making: tagger(masters.sealing()), reading: masters.all().map(tagger).collect() }
    }

    /// A token of `list` that leads behind `last`.
    #[must_use]
    pub fn make(&self, list: &[&str], last: &str) -> String {
        self.making.tag(list, last)
    }

    /// What `token` leads behind; `None` if it is not of this list, or was made elsewhere.
    #[must_use]
    pub fn read(&self, list: &[&str], token: &str) -> Option<String> {
        self.reading.iter().find_map(|tagger| tagger.read(list, token))
    }
}
