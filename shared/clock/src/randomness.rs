//! The source of chance that is passed to whoever needs it.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use rand::CryptoRng;
use rand::rngs::StdRng;
#[expect(clippy::disallowed_types, reason = "the one place that reads the system's entropy")]
use rand::rngs::SysRng;
use rand::{Rng, SeedableRng, TryCryptoRng, TryRng};
use zeroize::Zeroize;

/// Draws random bytes. Cheap to clone; clones of a seeded source share one stream.
#[derive(Clone)]
pub struct Randomness(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Randomness {
    /// The system's entropy.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// The same bytes for the same seed. For tests: what it makes is no secret.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// Draws `N` bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut drawn = [0; N];
        self.fill(&mut drawn);
        drawn
    }

    /// Fills `target`.
    pub fn fill(&self, target: &mut [u8]) {
        match &self.0 {
            Source::System => fill_from_system(target),
            Source::Seeded(stream) => stream.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(target),
        }
    }

    /// Draws a name of `length` characters of `a-z0-9A-Z`, about 5.95 bits each: unguessable, but no secret.
    #[must_use]
    pub fn alphanumeric(&self, length: usize) -> String {
        let mut drawn = String::with_capacity(length);
        while drawn.len() < length {
            // A byte of 248 or more would favour the first letters.
            let mut bytes = [0; 32];
            match &self.0 {
                Source::System => fill_name_from_system(&mut bytes),
                Source::Seeded(_) => self.fill(&mut bytes),
            }
            let letters = bytes.into_iter().filter(|byte| *byte < 248);
            let letters = letters.filter_map(|byte| LETTERS.get(usize::from(byte % 62)));
            drawn.extend(letters.take(length - drawn.len()).map(|letter| char::from(*letter)));
        }
        drawn
    }
}

/// For names, of which many are made: a page is drawn at a time for each thread, since a small draw spends most of its
/// time on the way to the kernel and back. Keys, nonces and secrets are no names: each is drawn by itself, so that two
/// copies of one machine's memory never go on to make the same one.
fn fill_name_from_system(target: &mut [u8]) {
    if target.len() > PAGE {
        return fill_from_system(target);
    }
    DRAWN.with_borrow_mut(|page| {
        if page.left < target.len() {
            fill_from_system(&mut page.bytes);
            page.left = PAGE;
        }
        let rest = page.left - target.len();
        if let Some(handed_out) = page.bytes.get_mut(rest..page.left) {
            target.copy_from_slice(handed_out);
            handed_out.zeroize();
        }
        page.left = rest;
    });
}

/// Random bytes that nobody has seen yet: the first `left` of them.
struct Page {
    bytes: [u8; PAGE],
    left: usize,
}

const PAGE: usize = 512;

thread_local! {
    static DRAWN: RefCell<Page> = const { RefCell::new(Page { bytes: [0; PAGE], left: 0 }) };
}

/// Without entropy nothing this suite makes would be safe, so it stops rather than go on.
#[expect(clippy::panic, reason = "fails closed: there is no safe answer without entropy")]
fn fill_from_system(target: &mut [u8]) {
    if let Err(error) = SysRng.try_fill_bytes(target) {
        panic!("the system gives no entropy: {error}");
    }
}

impl TryRng for Randomness {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.bytes()))
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        self.fill(target);
        Ok(())
    }
}

impl TryCryptoRng for Randomness {}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Randomness(system)",
            Source::Seeded(_) => "Randomness(seeded)",
        })
    }
}

const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn one_seed_gives_one_stream() {
        let (left, right) = (Randomness::seeded(7), Randomness::seeded(7));
        assert_eq!(left.bytes::<32>(), right.bytes::<32>());
        assert_ne!(left.bytes::<32>(), Randomness::seeded(8).bytes::<32>());
    }

    #[test]
    fn no_byte_of_the_system_is_handed_out_twice() {
        let name = || {
            let mut name = [0; 16];
            fill_name_from_system(&mut name);
            name
        };
        let drawn: HashSet<[u8; 16]> = (0..10_000).map(|_| name()).collect();
        assert_eq!(drawn.len(), 10_000);
        let mut large = [0; 3 * PAGE];
        fill_name_from_system(&mut large);
        assert!(large.chunks(16).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
        assert!(DRAWN.with_borrow(|page| page.bytes[page.left..].iter().all(|byte| *byte == 0)));
    }

    #[test]
    fn letters_are_as_many_as_asked() {
        let drawn = Randomness::seeded(1).alphanumeric(100);
        assert_eq!(drawn.len(), 100);
        assert!(drawn.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
