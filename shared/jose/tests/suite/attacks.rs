//! The attacks of RFC 8725 and what becomes of them.

mod algorithms;
mod claims;
mod form;
mod keys;
