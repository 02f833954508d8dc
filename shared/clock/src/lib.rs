//! Time and chance as arguments: nothing else in the suite reads the system's clock or its entropy.
//!
//! - [`Clock`] tells the time, the system's or one that a test moves by hand.
//! - [`Timestamp`] is an instant of civil time in milliseconds.
//! - [`Randomness`] draws bytes, from the system or from a seed.

mod clock;
mod randomness;
mod timestamp;

pub use clock::{Clock, ManualClock};
pub use randomness::{CryptoRng, Randomness};
pub use timestamp::Timestamp;
