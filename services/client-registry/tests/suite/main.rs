//! The registry from outside.
