//! The one wide line of a request in the log.

use std::time::Duration;

use super::context::{SpanId, TraceId};
use super::facts::Facts;

/// The target of the lines: `mintage::request=off` in the log's filter silences them, and nothing else.
pub(super) const TARGET: &str = "mintage::request";

/// Whether the log wants such lines.
pub(super) fn is_wanted() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::INFO)
}

/// Writes the line. What is not known stands not in it.
pub(super) fn write(facts: &Facts, took: Duration) {
    let Facts { context, peer: _, source, method, status, error, reason, failure, .. } = facts;
    let Facts { tenant, client_id, user, step, grant, algorithm, items, loads, .. } = facts;
    let Facts { request_bytes, response_bytes, .. } = facts;
    tracing::info!(
        target: TARGET,
        service = facts.service.as_str(),
        way = facts.way.as_str(),
        peer = facts.peer_name(),
        source = source.map(tracing::field::display),
        method = Some(*method).filter(|method| !method.is_empty()),
        route = facts.route_or_unknown(),
        outcome = facts.outcome().as_str(),
        status,
        code = facts.code_name(),
        error,
        reason,
        auth_failure = failure,
        tenant = tenant.as_ref().map(AsRef::<str>::as_ref),
        client_id = client_id.as_ref().map(AsRef::<str>::as_ref),
        user,
        step,
        grant,
        algorithm,
        items,
        loads = Some(*loads).filter(|loads| *loads > 0),
        request_bytes,
        response_bytes,
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        trace_id = %TraceId(context.trace_id),
        span_id = %SpanId(context.span_id),
        sampled = context.sampled,
        "request"
    );
}

/// Every field of the line with what it says: docs/reference/log.md is made of it.
pub const FIELDS: &[(&str, &str)] = &[
    ("service", "The service that was asked."),
    ("way", "How it was asked: `http`, `grpc`, or `in_process` by a service of the same process (`mintage dev`)."),
    ("peer", "The service whose certificate the caller showed, or `anonymous`."),
    (
        "source",
        "The address it came from: of the socket, at the edge what a trusted proxy says, in the other services what the \
         edge passed on.",
    ),
    ("method", "HTTP's method; `other` for one that is not common. gRPC's stands in `route`."),
    (
        "route",
        "The path, or gRPC's method in full: one that there is. `unknown` for everything else, however it was spelled.",
    ),
    (
        "outcome",
        "`ok`, `refused` (a rule), `unavailable` (not now), `shed` (no place), `failed` (a fault of ours), `cancelled` (whoever asked went away).",
    ),
    ("status", "HTTP's status; absent with gRPC."),
    ("code", "gRPC's code; absent with HTTP. A stream's is that of its beginning."),
    (
        "error",
        "OAuth's `error`: at the edge what its answer says, in the consent service what a browser takes to the client.",
    ),
    ("reason", "Which rule refused: a name of `mintage.types.v1.ErrorReason`."),
    (
        "auth_failure",
        "Why a client was not believed: `unknown_client`, `disabled_client`, `wrong_secret`, `dead_secret` or \
         `too_many_attempts`. Callers are told none of these apart.",
    ),
    ("tenant", "Whose request it is."),
    ("client_id", "The client: only one that there is, since a secret may have been sent in its place."),
    ("user", "The user, by id (`sub`): in the consent service's lines, once it is known who it is."),
    (
        "step",
        "What a user comes to, in the consent service's lines: `sign_in`, `consent`, `home`, `granted`, `refused` (the client \
         is told `error`), `client_unknown` or `redirect_uri_mismatch`.",
    ),
    ("grant", "The grant type of a token that was issued."),
    ("algorithm", "What it was signed with."),
    ("items", "How many things the request asked for: signatures of a batch."),
    ("loads", "How many records were not in memory and were read from the registry."),
    ("request_bytes", "The length of the body as its header gives it; absent where it does not."),
    ("response_bytes", "The length of the answer's body; absent where it streams."),
    ("duration_us", "Microseconds from the header of the request to the header of the answer."),
    ("trace_id", "The trace, sampled or not: every line of one token has the same, whichever service wrote it."),
    ("span_id", "This request in the trace."),
    ("sampled", "Whether its trace is exported."),
];
