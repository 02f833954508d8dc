//! Caches that tell the truth: they follow the registry's change feed and know how fresh they are.
//!
//! - [`Freshness`] knows when the registry was last heard.
//! - [`follow`] keeps one stream open to it, hands changes to [`Sink`]s and acknowledges them.
//! - [`ReadThrough`] is a cache bounded by bytes whose entries never outlive what the feed has overtaken.

mod bounds;
mod follower;
mod freshness;
mod read_through;

pub use bounds::FeedSettingsError;
pub use follower::{Sink, follow};
pub use freshness::{FeedSettings, Freshness, State};
pub use read_through::{Loaded, ReadThrough};
