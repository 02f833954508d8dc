//! ChangeFeedService: what was written, in order.
//!
//! - [`Feed`] knows the log: `poll` reads it, `recent` keeps its end in memory, `watchers` knows who has applied what.
//! - `watch` is the RPC: one stream a watcher.

mod convert;
mod feed;
mod poll;
mod recent;
mod service;
mod watch;
mod watchers;

pub(crate) use feed::Feed;
pub(super) use service::ChangeFeed;
