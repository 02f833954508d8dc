//! What the log, the traces and the metrics are told of a token.

use std::net::IpAddr;

use mintage_chassis::status::{name_of, reason_of};
use mintage_chassis::telemetry;
use mintage_chassis::telemetry::names::{AUTHENTICATION_FAILURES, TOKENS_ISSUED, TOKENS_REFUSED};
use mintage_oauth::{GrantType, TenantId};
use tonic::Status;

use crate::domain::{Credential, IssueError, IssuedToken};

/// Of whom something is asked, and from where.
pub(super) fn asked(tenant: &TenantId, source: Option<IpAddr>) {
    telemetry::note(|facts| {
        facts.tenant(tenant);
        if let Some(source) = source {
            facts.source(source);
        }
    });
}

/// A token was issued.
pub(super) fn issued(grant: GrantType, issued: &IssuedToken) {
    let (grant, algorithm) = (grant.as_str(), issued.algorithm.as_str());
    TOKENS_ISSUED.add(1, [grant, algorithm]);
    telemetry::note(|facts| {
        facts.client(&issued.client_id);
        facts.issued(grant, algorithm);
    });
}

/// A client was refused.
pub(super) fn ended(credential: &Credential, error: &IssueError) {
    // The gate tells itself of those whom it did not believe, but not of whoever it did not hear.
    if let IssueError::TooManyAttempts { .. } = error {
        AUTHENTICATION_FAILURES.add(1, [TOO_MANY_ATTEMPTS]);
        telemetry::note(|facts| facts.failure(TOO_MANY_ATTEMPTS));
    } else if let (true, Ok(client_id)) = (error.is_of_known_client(), credential.client_id.parse()) {
        telemetry::note(|facts| facts.client(&client_id));
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
