//! Refusals on the wire: a status, one line for people, and a reason that programs branch on.

use std::collections::HashMap;
use std::error::Error;
use std::sync::LazyLock;

use mintage_api::types::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::telemetry;

/// The `domain` of every `google.rpc.ErrorInfo` of the suite.
pub const ERROR_DOMAIN: &str = "mintage";

/// A refusal with its `google.rpc.ErrorInfo`. `message` must tell nothing that the caller may not know.
#[must_use]
pub fn refusal(code: Code, reason: ErrorReason, message: impl Into<String>, metadata: &[(&str, &str)]) -> Status {
    let metadata: HashMap<_, _> =
        metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let details = ErrorDetails::with_error_info(name_of(reason), ERROR_DOMAIN, metadata);
    telemetry::note(|facts| facts.reason(name_of(reason)));
    Status::with_error_details(code, message, details)
}

/// A fault of ours: the cause goes to the log, the caller learns only that it was ours.
#[must_use]
pub fn internal(cause: &dyn Error) -> Status {
    tracing::error!(cause = %Chain(cause), trace_id = telemetry::trace_id(), "request failed by an internal fault");
    refusal(Code::Internal, ErrorReason::Internal, "the server failed; its log says why", &[])
}

/// State cannot be proven fresh or a sibling does not answer: the caller may try again.
#[must_use]
pub fn unavailable(message: impl Into<String>) -> Status {
    refusal(Code::Unavailable, ErrorReason::TemporarilyUnavailable, message, &[])
}

/// More is asked for than can be done: the caller may try again, but not at once.
#[must_use]
pub fn overloaded(message: impl Into<String>) -> Status {
    let metadata = [("retry_after_seconds", "1")];
    refusal(Code::ResourceExhausted, ErrorReason::TemporarilyUnavailable, message, &metadata)
}

/// The same of all requests that are under way, made once: it is said when there is no time for more.
pub(crate) fn too_many_requests() -> Status {
    static MADE: LazyLock<Status> = LazyLock::new(|| overloaded("too many requests are under way; try again"));
    let status = MADE.clone();
    telemetry::note(|facts| facts.reason(name_of(ErrorReason::TemporarilyUnavailable)));
    status
}

/// Why a call was refused, as the other side put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Which rule refused.
    pub reason: ErrorReason,
    /// What the reason's comment in `error_reason.proto` promises.
    pub metadata: HashMap<String, String>,
}

impl Reason {
    /// One value of the metadata; empty when absent.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        self.metadata.get(key).map_or("", String::as_str)
    }
}

/// The reason within a status of this suite; `None` for statuses made elsewhere, by a transport for example.
#[must_use]
pub fn reason_of(status: &Status) -> Option<Reason> {
    let info = status.get_details_error_info()?;
    if info.domain != ERROR_DOMAIN {
        return None;
    }
    let reason = ErrorReason::from_str_name(&format!("{REASON_PREFIX}{}", info.reason))?;
    Some(Reason { reason, metadata: info.metadata })
}

/// The name of a reason as it stands on the wire, in the log and in metrics.
#[must_use]
pub fn name_of(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix(REASON_PREFIX).unwrap_or(name)
}

const REASON_PREFIX: &str = "ERROR_REASON_";

/// An error with its sources, on one line, for the log and for operators. What an error says of its source already is
/// not said twice.
#[derive(Debug)]
pub struct Chain<'a>(pub &'a dyn Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            let cause_says = cause.to_string();
            if !said.ends_with(&cause_says) {
                write!(f, ": {cause_says}")?;
            }
            (said, source) = (cause_says, cause.source());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_survives_the_wire() {
        let status =
            refusal(Code::PermissionDenied, ErrorReason::ScopeNotGranted, "not granted", &[("scopes", "write:demo")]);
        let reason = reason_of(&status).expect("a reason");
        assert_eq!(reason.reason, ErrorReason::ScopeNotGranted);
        assert_eq!(reason.get("scopes"), "write:demo");
        assert_eq!(status.get_details_error_info().expect("info").reason, "SCOPE_NOT_GRANTED");
    }

    #[test]
    fn a_status_from_elsewhere_has_no_reason() {
        assert_eq!(reason_of(&Status::unavailable("connection refused")), None);
    }

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Link(&'static str, #[source] Option<Box<Link>>);

    #[test]
    fn a_chain_says_each_cause_once() {
        let link = |text, source| Some(Box::new(Link(text, source)));
        let io = link("refused: by the host", link("by the host", link("no route", None)));
        let outer = Link("no answer", io);
        assert_eq!(Chain(&outer).to_string(), "no answer: refused: by the host: no route");
    }

    #[test]
    fn an_internal_fault_tells_the_caller_nothing() {
        let status = internal(&std::io::Error::other("password=hunter2"));
        assert!(!status.message().contains("hunter2"));
    }
}
