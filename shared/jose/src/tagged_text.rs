//! Text that goes through strangers' hands and comes back: readable to all, made by nobody else, of one context only.

use std::fmt;

use crate::base64url;
use crate::mac::{HmacKey, constant_time_eq, hmac_sha256};

/// Tags texts, and reads those that it has tagged itself.
#[derive(Clone)]
pub struct TextTagger(HmacKey);

impl TextTagger {
    /// Under a key that every replica holds.
    #[must_use]
    pub const fn new(key: HmacKey) -> Self {
        Self(key)
    }

    /// `text` with its tag, in base64url: it is read back in the same `context` only.
    #[must_use]
    pub fn tag(&self, context: &[&str], text: &str) -> String {
        let mut tagged = self.mac(context, text).to_vec();
        tagged.extend_from_slice(text.as_bytes());
        base64url::encode(&tagged)
    }

    /// The text, unless another key or context tagged it, or it was changed since.
    #[must_use]
    pub fn read(&self, context: &[&str], tagged: &str) -> Option<String> {
        if tagged.len() > LONGEST {
            return None;
        }
        let tagged = base64url::decode(tagged)?;
        let (tag, text) = tagged.split_at_checked(TAG)?;
        let text = std::str::from_utf8(text).ok()?;
        constant_time_eq(tag, &self.mac(context, text)).then(|| text.to_owned())
    }

    /// Each part is preceded by its length, so that no two contexts read the same.
    fn mac(&self, context: &[&str], text: &str) -> [u8; TAG] {
        let mut input = b"mintage.tagged_text.v1".to_vec();
        for part in context.iter().chain([&text]) {
            input.extend_from_slice(&(part.len() as u64).to_be_bytes());
            input.extend_from_slice(part.as_bytes());
        }
        hmac_sha256(&self.0, &input)
    }
}

impl fmt::Debug for TextTagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextTagger(…)")
    }
}

const TAG: usize = 32;
/// Nobody makes us decode more than this.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn tagger(seed: u8) -> TextTagger {
        TextTagger::new(HmacKey::new(&[seed; 32]))
    }

    #[test]
    fn a_text_is_read_in_the_context_it_was_tagged_in_and_in_no_other() {
        let tagged = tagger(7).tag(&["clients", "acme"], "abc");
        assert_eq!(tagger(7).read(&["clients", "acme"], &tagged).as_deref(), Some("abc"));
        for other in [&["clients", "other"][..], &["clientsacme", ""], &["clients", "acme", ""], &["clients"], &[]] {
            assert_eq!(tagger(7).read(other, &tagged), None, "{other:?}");
        }
        assert_eq!(tagger(8).read(&["clients", "acme"], &tagged), None);
    }

    #[test]
    fn a_changed_text_is_not_read() {
        let tagged = tagger(7).tag(&["clients"], "abc");
        for position in 0..tagged.len() {
            let mut changed = tagged.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(tagger(7).read(&["clients"], &String::from_utf8(changed).unwrap()), None, "{position}");
        }
        for foreign in ["", "A", "AAAA", "=", "' OR 1=1 --", &"A".repeat(10_000)] {
            assert_eq!(tagger(7).read(&["clients"], foreign), None);
        }
    }
}
