//! The service as it is built, between siblings that are made up.

mod consent;
mod feed;
mod hot_path;
mod issue_token;
mod keys;
mod refusals;
mod registry;
mod rig;
mod shared_stream;
mod user_grants;
