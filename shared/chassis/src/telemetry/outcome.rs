//! How requests end, in one word.

use http::HeaderMap;
use tonic::Code;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// As asked.
    Ok,
    /// By a rule; asking again changes nothing.
    Refused,
    /// Not now: state is not fresh enough, a sibling or the database does not answer, or time ran out.
    Unavailable,
    /// There was no place for it.
    Shed,
    /// A fault of ours.
    Failed,
    /// Whoever asked went away before there was an answer.
    Cancelled,
}

impl Outcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Shed => "shed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) const fn of_status(status: u16) -> Self {
        match status {
            ..400 => Self::Ok,
            400..500 => Self::Refused,
            503 | 504 => Self::Unavailable,
            _ => Self::Failed,
        }
    }

    pub(super) const fn of_code(code: Code) -> Self {
        match code {
            Code::Ok => Self::Ok,
            Code::Unavailable | Code::DeadlineExceeded => Self::Unavailable,
            Code::Internal | Code::Unknown | Code::DataLoss => Self::Failed,
            Code::Cancelled => Self::Cancelled,
            Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Unauthenticated => Self::Refused,
        }
    }
}

/// The code in the header of an answer: of a refusal. An answer without one went well, or streams.
pub(super) fn code_of(headers: &HeaderMap) -> Code {
    headers.get(tonic::Status::GRPC_STATUS).map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}

/// The code as gRPC's own documents write it.
pub(super) const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
