//! Keys at work: the copy in memory that warm signing runs on, and what keeps it true.
//!
//! - [`Directory`] is the copy: every ring, every served key. `follower` reads on what any replica changed.
//! - [`Keys`] is the whole: it signs batches, resolves keys, runs the domain's operations and takes steps that are due.
//! - `show` tells metrics of them. `minter` makes keys and `rsa_pool` signs with RSA, each on threads of their own.

mod directory;
mod follower;
mod keys;
mod minter;
mod rsa_pool;
mod show;
mod sign;

pub use directory::{Directory, KeySet, RingView, ServedKey};
pub use keys::{Keys, Parts};
pub use sign::{Order, SignRefusal, TokenType};
