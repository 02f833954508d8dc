//! Keys at work: the copy in memory that warm signing runs on, and what keeps it true.
//!
//! - [`Directory`] is the copy: every ring, every served key. `follower` reads on what any replica changed, at a
//!   `pace` that says whether a request may wait for it.
//! - [`Keys`] is the whole: it signs batches, resolves keys and takes steps that are due; `operations` are what the doors ask
//!   of the domain, [`RingStatus`] is what they show. `alarm` says what is not relieved.
//! - `reseal` moves private halves to another master key; `page_tokens` outlive that. `shown` tells the secrets of HS256 APIs.
//! - `clearing` takes out what nobody needs any more; `waits` knows which keys wait for their watchers.
//! - `show` tells metrics of them. `minter` makes keys, unless it rests from `failures`; `signature_pool` signs what takes long.
//!   Each has threads of its own; `inside` bounds the wait for a token.

mod alarm;
mod clearing;
mod directory;
mod failures;
mod follower;
mod inside;
mod keys;
mod minter;
mod operations;
mod pace;
mod page_tokens;
mod reseal;
mod show;
mod shown;
mod sign;
mod signature_pool;
mod status;
mod waits;

pub use directory::{Directory, KeySet, RingView, ServedKey, Unfit};
pub(crate) use follower::Reading;
pub use keys::{Keys, Parts};
pub use page_tokens::PageTokens;
pub use shown::Secret;
pub use sign::{Order, SignRefusal, TokenType};
pub use status::{RingStatus, Wait};
