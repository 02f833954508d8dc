//! What an operator proved, for calls that go on for longer than a moment.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mintage_clock::{Clock, Timestamp};
use mintage_oauth::{ClientId, Scope, ScopeSet, TenantId};
use tonic::Status;

use super::guard::{ScopeRule, invalid_token, operator_gone};
use super::{OperatorDirectory, Standing};

/// What the guard saw an operator's token prove, and how to see whether it is still so. An extension of the request where an
/// operator calls with a token.
#[derive(Clone)]
pub struct Proof(pub(super) Arc<Proven>);

pub(super) struct Proven {
    pub(super) operators: Arc<dyn OperatorDirectory>,
    pub(super) clock: Clock,
    pub(super) tenant: TenantId,
    pub(super) client_id: ClientId,
    pub(super) issuer: String,
    /// What the token carries, whether its client has it or not.
    pub(super) carried: ScopeSet,
    pub(super) expires_at: Timestamp,
    /// What the method wants.
    pub(super) rule: ScopeRule,
}

impl Proof {
    /// Waits until it proves nothing any more, and says why: the token ended, or its client lost what the method wants, which
    /// is asked again every few seconds. While nobody answers that, it goes on: the token ends soon in any case, and all
    /// operators at once would be cut off by an outage of the registry.
    pub async fn ends(&self) -> Status {
        loop {
            let left = self.0.expires_at.since(self.0.clock.now());
            if left.is_zero() {
                return invalid_token();
            }
            tokio::time::sleep(left.min(ASKED_AGAIN)).await;
            if let Ok(standing) = self.0.standing().await
                && let Err(gone) = self.0.allowed(standing)
            {
                return gone;
            }
        }
    }
}

impl Proven {
    pub(super) async fn standing(&self) -> Result<Option<Standing>, Status> {
        self.operators.standing(&self.tenant, &self.client_id).await
    }

    /// What the token carries, as far as its client has it as it stands; refused when that is not what the method wants.
    pub(super) fn allowed(&self, standing: Option<Standing>) -> Result<ScopeSet, Status> {
        let standing = standing.ok_or_else(operator_gone)?;
        if !standing.issuers.contains(&self.issuer) {
            return Err(invalid_token());
        }
        let has = |scope: &&Scope| standing.scopes.contains(scope.as_str());
        let scopes: ScopeSet = self.carried.iter().filter(has).cloned().collect();
        self.rule.check(&scopes)?;
        Ok(scopes)
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof(of {} of {})", self.0.client_id, self.0.tenant)
    }
}

/// How soon a stream ends whose operator lost its right.
const ASKED_AGAIN: Duration = Duration::from_secs(3);
