//! ResolverService: what sibling services read to answer a request.

mod convert;
mod report_client_use;
mod report_secret_use;
mod resolve_application;
mod resolve_client;
mod resolve_client_grant;
mod resolve_longest_token;
mod resolve_operator;
mod resolve_resource_server;
mod resolve_tenant;
mod service;

pub(crate) use resolve_operator::OwnOperators;
pub(super) use service::Resolver;
