//! The tables, row by row. Times are milliseconds since 1970; lists are JSON.

#![expect(unreachable_pub, reason = "SeaORM's derive wants public models; the room itself is private")]

pub(super) mod change_log;
pub(super) mod client;
pub(super) mod client_grant;
pub(super) mod client_secret;
pub(super) mod feed_head;
pub(super) mod initial_access_token;
pub(super) mod registration;
pub(super) mod resource_server;
pub(super) mod ring_removal;
pub(super) mod tenant;
pub(super) mod tenant_origin;
