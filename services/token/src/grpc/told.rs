//! What the log, the traces and the metrics are told of a token.

use mintage_chassis::status::{name_of, reason_of};
use mintage_chassis::telemetry;
use mintage_chassis::telemetry::names::{AUTHENTICATION_FAILURES, TOKENS_ISSUED, TOKENS_REFUSED};
use tonic::Status;

use crate::domain::{IssueError, IssuedToken, TokenRequest};

/// Whose token is asked for, and from where.
pub(super) fn asked(request: &TokenRequest) {
    telemetry::note(|facts| {
        facts.tenant(&request.tenant);
        if let Some(source) = request.source {
            facts.source(source);
        }
    });
}

/// What became of it.
pub(super) fn ended(request: &TokenRequest, outcome: &Result<IssuedToken, IssueError>) {
    match outcome {
        Ok(issued) => {
            let (grant, algorithm) = (request.grant_type.as_str(), issued.algorithm.as_str());
            TOKENS_ISSUED.add(1, [grant, algorithm]);
            telemetry::note(|facts| {
                facts.client(&issued.client_id);
                facts.issued(grant, algorithm);
            });
        }
        // The gate tells itself of those whom it did not believe, but not of whoever it did not hear.
        Err(IssueError::TooManyAttempts { .. }) => {
            AUTHENTICATION_FAILURES.add(1, [TOO_MANY_ATTEMPTS]);
            telemetry::note(|facts| facts.failure(TOO_MANY_ATTEMPTS));
        }
        Err(error) => {
            if let (true, Ok(client_id)) = (error.is_of_known_client(), request.credential.client_id.parse()) {
                telemetry::note(|facts| facts.client(&client_id));
            }
        }
    }
}

/// It was refused by the rule that `status` names.
pub(super) fn refused(status: Status) -> Status {
    if let Some(refused) = reason_of(&status) {
        TOKENS_REFUSED.add(1, [name_of(refused.reason)]);
    }
    status
}

const TOO_MANY_ATTEMPTS: &str = "too_many_attempts";
