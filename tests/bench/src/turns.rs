//! Whose turn it is to ask: the same from run to run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::time::Instant;

/// Chooses the client that a connection asks as next.
#[derive(Clone)]
pub(crate) enum Turns {
    /// Any, until then.
    Until { end: Instant, state: u64 },
    /// Each once, whichever connection is free.
    OnceEach { taken: Arc<AtomicUsize> },
}

impl Turns {
    pub(crate) fn until(end: Instant, connection: u16) -> Self {
        Self::Until { end, state: u64::from(connection) }
    }

    pub(crate) fn once_each() -> Self {
        Self::OnceEach { taken: Arc::default() }
    }

    /// The form of the next client; `None` at the end.
    pub(crate) fn next(&mut self, forms: &[Bytes]) -> Option<Bytes> {
        let many = forms.len();
        match self {
            Self::Until { end, state } if Instant::now() < *end => {
                let drawn = usize::try_from(split_mix(state) >> 1).ok()?.checked_rem(many)?;
                forms.get(drawn).cloned()
            }
            Self::Until { .. } => None,
            Self::OnceEach { taken } => {
                let turn = taken.fetch_add(1, Ordering::Relaxed);
                // Far from those before it, and each once: the step is a prime that clients are hardly a multiple of.
                let step = if many.is_multiple_of(STEP) { 1 } else { STEP };
                (turn < many).then(|| forms.get(turn * step % many).cloned()).flatten()
            }
        }
    }
}

/// `SplitMix64`, for numbers that need be no secret.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

const STEP: usize = 7919;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;

    fn forms(many: usize) -> Vec<Bytes> {
        (0..many).map(|number| Bytes::from(number.to_string())).collect()
    }

    #[test]
    fn in_one_pass_each_has_its_turn_once() {
        for many in [1, 100, STEP, 2 * STEP] {
            let forms = forms(many);
            let (mut turns, mut seen) = (Turns::once_each(), BTreeSet::new());
            let mut too = turns.clone();
            while turns.next(&forms).is_some_and(|form| seen.insert(form)) {}
            assert_eq!((seen.len(), too.next(&forms)), (many, None));
        }
    }

    #[test]
    fn in_a_while_many_have_their_turns() {
        let forms = forms(100);
        let mut turns = Turns::until(Instant::now() + Duration::from_secs(60), 7);
        let seen: BTreeSet<_> = (0..1000).filter_map(|_| turns.next(&forms)).collect();
        assert!(seen.len() > 90, "{}", seen.len());
        assert_eq!(Turns::until(Instant::now(), 7).next(&forms), None);
    }
}
