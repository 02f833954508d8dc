//! One grant a file: from a request at the gate to a token.

mod client_credentials;

pub(super) use client_credentials::client_credentials;
