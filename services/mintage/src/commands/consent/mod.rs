//! What users consented to: a file for each verb.

pub(crate) mod list;
pub(crate) mod revoke;
mod which;
