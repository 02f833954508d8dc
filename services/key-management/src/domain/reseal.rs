//! Moves private halves under the master key that seals now, a page of them at a time.

use mintage_clock::{Clock, Randomness};
use mintage_jose::seal::{MasterKeys, Sealed};

use super::minting::seal_anew;
use super::ports::{PrivateHalf, PrivateHalves, Resealing};
use super::{Cause, PortError};

/// What a page brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// How many private halves were moved.
    pub moved: u32,
    /// The kids of those that cannot be opened: by none of the known master keys, or not read at all.
    pub closed: Vec<String>,
    /// Behind which kid the next page begins; `None`: this was the last.
    pub next: Option<String>,
}

/// Which private halves to move.
#[derive(Clone, Copy, Debug)]
pub struct Page<'p> {
    /// Those behind this kid; `None`: from the first on.
    pub after: Option<&'p str>,
    /// How many at most.
    pub limit: u64,
}

/// Moves a page of the private halves that another master key sealed, together with the record of it. Each is replaced only
/// if it is as it was read: whatever ends this in the middle, or does the same or destroys a key meanwhile, every private
/// half can be opened, and what is left is moved by the next who asks.
///
/// # Errors
/// When they cannot be read or kept: then none of the page is moved.
pub async fn reseal(
    page: Page<'_>,
    cause: &Cause,
    masters: &MasterKeys,
    (clock, randomness): (&Clock, &Randomness),
    halves: &impl PrivateHalves,
) -> Result<Resealed, PortError> {
    let Page { after, limit } = page;
    let found = halves.sealed_otherwise(masters.sealing().id(), after, limit).await?;
    let last = found.last().filter(|_| found.len() as u64 >= limit);
    let next = last.map(|last| last.as_ref().map_or_else(Clone::clone, |half| half.kid.to_string()));
    let (mut anew, mut closed) = (Vec::new(), Vec::new());
    for half in found {
        match half.and_then(|half| opened(half, masters, randomness)) {
            Ok(half) => anew.push(half),
            Err(kid) => closed.push(kid),
        }
    }
    let moved = if anew.is_empty() {
        0
    } else {
        halves.replace(&Resealing { halves: anew, cause: cause.clone(), at: clock.now() }).await?
    };
    Ok(Resealed { moved, closed, next })
}

/// The half with its new seal; its kid if it cannot be opened.
fn opened(half: PrivateHalf, masters: &MasterKeys, randomness: &Randomness) -> Result<(PrivateHalf, Sealed), String> {
    match seal_anew(&half.ring, &half.kid, &half.sealed, masters, randomness) {
        Ok(anew) => Ok((half, anew)),
        Err(_) => Err(half.kid.to_string()),
    }
}
