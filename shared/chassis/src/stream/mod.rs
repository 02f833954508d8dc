//! Calls that share a stream: a unary call as a few bytes on one long stream of HTTP/2, where a stream of its own would
//! cost its header, its window, its tasks and its timers on both sides.
//!
//! - [`SharedStream`] is the caller's half, one on a connection. Calls that are ready together leave in one message;
//!   answers come in any order, each to its caller.
//! - [`answer_shared`] is the callee's half. Each call is handed on as the request that it would have been by itself, so
//!   that it meets the same limits and the same guard, with its own deadline, trace and source.
//! - `message` puts requests and answers on the stream and takes them off it; `body` sends what is ready.

mod answering;
mod body;
mod calling;
mod message;
#[cfg(test)]
mod tests;

pub(crate) use answering::{MOST_UNDER_WAY, answer_shared};
pub(crate) use calling::{Carried, NotBegun, SharedStream, Standing};

/// Where a shared stream is asked for. No method of any service: a door knows it, and only services may ask.
pub(crate) const PATH: &str = "/mintage.SharedStream/Carry";
/// Bytes of a call that goes over a shared stream; a longer one has a stream of its own.
pub(crate) const LONGEST_CALL: usize = 64 * 1024;
