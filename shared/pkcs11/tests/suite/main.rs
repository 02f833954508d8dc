//! Promises of keys in tokens, on SoftHSM.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod hostile;
mod house;
mod keys;
mod losses;
mod pins;
