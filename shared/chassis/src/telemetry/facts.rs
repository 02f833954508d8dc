//! What is known of one request: the one source of its line in the log, its span and its metrics.

use std::net::IpAddr;
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, header};
use mintage_clock::Clock;
use mintage_oauth::{ClientId, TenantId};
use tonic::Code;

use super::context::TraceContext;
use super::outcome::{Outcome, code_name, code_of};
use crate::{Peer, ServiceName};

/// How a request came to its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// OAuth and its like over HTTP.
    Http,
    /// gRPC over a network.
    Grpc,
    /// From a service in the same process.
    InProcess,
}

impl Way {
    /// As it stands in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Grpc => "grpc",
            Self::InProcess => "in_process",
        }
    }
}

/// The facts of one request. Every text in them is one of this program's own, or has passed the grammar of its type:
/// nothing that a caller wrote freely can come in.
#[derive(Debug)]
pub struct Facts {
    pub(super) begun: Duration,
    pub(super) context: TraceContext,
    /// The span that asked, of the same trace.
    pub(super) parent: Option<TraceContext>,
    /// The span that a stranger says it is: a trace of its own, to which ours is only linked.
    pub(super) link: Option<TraceContext>,
    pub(super) way: Way,
    pub(super) service: ServiceName,
    pub(super) peer: Peer,
    pub(super) source: Option<IpAddr>,
    pub(super) method: &'static str,
    pub(super) route: Option<&'static str>,
    pub(super) status: Option<u16>,
    pub(super) code: Option<Code>,
    pub(super) shed: bool,
    pub(super) error: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    pub(super) failure: Option<&'static str>,
    pub(super) tenant: Option<TenantId>,
    pub(super) client_id: Option<ClientId>,
    pub(super) user: Option<Box<str>>,
    pub(super) step: Option<&'static str>,
    pub(super) grant: Option<&'static str>,
    pub(super) algorithm: Option<&'static str>,
    pub(super) items: Option<u64>,
    pub(super) loads: u64,
    pub(super) request_bytes: Option<u64>,
    pub(super) response_bytes: Option<u64>,
}

impl Facts {
    /// Of a request that `service` was asked just now.
    pub(super) fn begin(service: ServiceName, way: Way, peer: Peer, context: TraceContext) -> Self {
        Self {
            begun: Clock::System.monotonic(),
            context,
            parent: None,
            link: None,
            way,
            service,
            peer,
            source: None,
            method: "",
            route: None,
            status: None,
            code: None,
            shed: false,
            error: None,
            reason: None,
            failure: None,
            tenant: None,
            client_id: None,
            user: None,
            step: None,
            grant: None,
            algorithm: None,
            items: None,
            loads: 0,
            request_bytes: None,
            response_bytes: None,
        }
    }

    /// What the header of a request tells.
    pub(super) fn of_header<B>(mut self, request: &Request<B>) -> Self {
        self.method = method_name(request.method());
        self.request_bytes = content_length(request.headers());
        self
    }

    /// What the header of an answer tells.
    pub(super) fn answered<B: http_body::Body>(&mut self, response: &Response<B>) {
        self.response_bytes = response.body().size_hint().exact();
        if self.way == Way::Http {
            self.status = Some(response.status().as_u16());
        } else {
            self.code = Some(code_of(response.headers()));
        }
    }

    /// The path or method that was asked for, one that there is.
    pub const fn route(&mut self, route: &'static str) {
        self.route = Some(route);
    }

    /// Whose request it is.
    pub fn tenant(&mut self, tenant: &TenantId) {
        self.tenant = Some(tenant.clone());
    }

    /// The client behind it: one that there is. What merely looks like an id may be a secret in the wrong field.
    pub fn client(&mut self, client_id: &ClientId) {
        self.client_id = Some(client_id.clone());
    }

    /// The user behind it, by the id that the suite made: never by an address or a name.
    pub fn user(&mut self, id: &str) {
        self.user = Some(id.into());
    }

    /// What a user comes to with it.
    pub const fn step(&mut self, step: &'static str) {
        self.step = Some(step);
    }

    /// Where it came from, as those say who may.
    pub const fn source(&mut self, source: IpAddr) {
        self.source = Some(source);
    }

    /// The error that OAuth has for it.
    pub const fn error(&mut self, error: &'static str) {
        self.error = Some(error);
    }

    /// The rule that refused it.
    pub const fn reason(&mut self, reason: &'static str) {
        self.reason = Some(reason);
    }

    /// Why the client was not believed. For operators alone: callers learn nothing of it.
    pub const fn failure(&mut self, failure: &'static str) {
        self.failure = Some(failure);
    }

    /// What it was asked with and signed with.
    pub const fn issued(&mut self, grant: &'static str, algorithm: &'static str) {
        self.grant = Some(grant);
        self.algorithm = Some(algorithm);
    }

    /// How many things it asked for at once.
    pub fn items(&mut self, items: usize) {
        self.items = u64::try_from(items).ok();
    }

    /// Something had to be read from a sibling.
    pub const fn loaded(&mut self) {
        self.loads += 1;
    }

    /// There was no place for it.
    pub const fn shed(&mut self) {
        self.shed = true;
    }

    /// How it ended.
    pub(super) fn outcome(&self) -> Outcome {
        match (self.shed, self.status, self.code) {
            // What finds no place for a part of it may be answered all the same.
            (true, ..) if self.code != Some(Code::Ok) => Outcome::Shed,
            (_, Some(status), _) => Outcome::of_status(status),
            (_, _, Some(code)) => Outcome::of_code(code),
            (_, None, None) => Outcome::Cancelled,
        }
    }

    /// The code of a gRPC answer by its name.
    pub(super) fn code_name(&self) -> Option<&'static str> {
        self.code.map(code_name)
    }

    /// The route, or the word for what there is not.
    pub(super) fn route_or_unknown(&self) -> &'static str {
        self.route.unwrap_or("unknown")
    }

    /// Who asked.
    pub(super) const fn peer_name(&self) -> &'static str {
        match self.peer {
            Peer::Anonymous => "anonymous",
            Peer::Service(name) => name.as_str(),
        }
    }
}

/// A method by its own name where it is a common one: others are anything a caller likes.
fn method_name(method: &Method) -> &'static str {
    let known = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
