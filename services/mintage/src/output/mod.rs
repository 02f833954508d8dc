//! What commands have to say, and the one place that writes.
//!
//! - [`Answer`] is a command's outcome, as JSON and for people at once.
//! - `layout` lines it up for people.
//! - [`print`], [`announce`], [`remark`], [`ask`] and [`ask_secret`] write; nothing else in the binary does.

mod answer;
mod layout;
mod write;

pub(crate) use answer::{Answer, Block, View};
pub(crate) use write::{Format, announce, ask, ask_secret, print, remark, usage};
