//! The operator behind a management call.

use mintage_api::types::ErrorReason;
use mintage_oauth::{ScopeSet, TenantId};
use tonic::{Code, Request, Status};

use crate::status::{internal, refusal};

/// Who calls a management method, as the guard has proven. An extension of the request.
#[derive(Clone, Debug)]
pub struct Operator {
    /// On whose authority.
    pub authority: Authority,
    /// The tenant the caller belongs to.
    pub tenant: TenantId,
}

/// What a management caller's right rests on.
#[derive(Clone, Debug)]
pub enum Authority {
    /// A token for the Management API.
    Token {
        /// The client that holds it.
        client_id: String,
        /// The scopes it carries.
        scopes: ScopeSet,
    },
    /// The binary itself.
    Installation,
}

impl Operator {
    /// The tenant a request is about: its own when it names none. Only operators of tenant `default` may name another.
    ///
    /// # Errors
    /// PERMISSION_DENIED for another tenant, INVALID_ARGUMENT for what is no tenant id.
    pub fn tenant_for(&self, asked: &str) -> Result<TenantId, Status> {
        if asked.is_empty() {
            return Ok(self.tenant.clone());
        }
        let asked: TenantId = asked.parse().map_err(|rule: mintage_oauth::TenantIdError| {
            let metadata = [("parameter", "tenant_id"), ("rule", &*rule.to_string())];
            refusal(Code::InvalidArgument, ErrorReason::ParameterInvalid, rule.to_string(), &metadata)
        })?;
        if asked == self.tenant || self.is_of_installation() { Ok(asked) } else { Err(other_tenant()) }
    }

    /// Refuses operators of any tenant but `default`.
    ///
    /// # Errors
    /// PERMISSION_DENIED.
    pub fn require_installation(&self) -> Result<(), Status> {
        if self.is_of_installation() { Ok(()) } else { Err(other_tenant()) }
    }

    fn is_of_installation(&self) -> bool {
        self.tenant == TenantId::default_tenant()
    }
}

/// The operator that the guard found behind `request`.
///
/// # Errors
/// INTERNAL when the method's row lets others than operators in.
pub fn operator<T>(request: &Request<T>) -> Result<&Operator, Status> {
    request.extensions().get().ok_or_else(|| internal(&NoOperator))
}

#[derive(Debug, thiserror::Error)]
#[error("a management method was reached without an operator: its row in the access table is wrong")]
struct NoOperator;

fn other_tenant() -> Status {
    let message = "this operator may act for its own tenant only";
    refusal(Code::PermissionDenied, ErrorReason::MethodRefused, message, &[])
}
