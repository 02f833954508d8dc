//! Executes the access table in front of a service's routes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Request, header};
use mintage_api::types::ErrorReason;
use mintage_clock::Clock;
use mintage_jose::jwt::{self, Claims, Expectations};
use mintage_oauth::{ClientId, ScopeSet, TenantId};
use tonic::body::Body;
use tonic::{Code, Status};

use super::proof::{Proof, Proven};
use super::{Authority, Caller, KeyResolver, MANAGEMENT_AUDIENCE, Operator, OperatorDirectory, Row};
use crate::routes::{Answering, answered};
use crate::status::refusal;
use crate::{Peer, Routes, ServiceName, telemetry};

/// Lets through what the table allows and nothing else.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

struct Inner {
    rows: HashMap<&'static str, Caller>,
    keys: Arc<dyn KeyResolver>,
    operators: Arc<dyn OperatorDirectory>,
    clock: Clock,
}

impl Guard {
    /// A guard that executes `rows`, checks operator tokens with `keys`, and asks `operators` what their clients may do
    /// by now.
    #[must_use]
    pub fn new(
        rows: &'static [Row],
        keys: Arc<dyn KeyResolver>,
        operators: Arc<dyn OperatorDirectory>,
        clock: Clock,
    ) -> Self {
        let rows = rows.iter().map(|row| (row.method, row.caller)).collect();
        Self(Arc::new(Inner { rows, keys, operators, clock }))
    }

    /// `routes` with the guard in front.
    #[must_use]
    pub fn around(self, routes: Routes) -> Routes {
        routes.guarded(self)
    }

    /// Hands the request on to `routes` if its caller may make it.
    pub(crate) fn admit(&self, mut request: Request<Body>, routes: &Routes) -> Answering {
        match self.0.decide(&request) {
            Ok(Decision::Pass) => routes.dispatch(request),
            Ok(Decision::Act(operator)) => {
                request.extensions_mut().insert(operator);
                routes.dispatch(request)
            }
            Ok(Decision::Prove(rule)) => self.admit_proven(request, rule, routes.clone()),
            Err(status) => answered(status),
        }
    }

    fn admit_proven(&self, mut request: Request<Body>, rule: ScopeRule, routes: Routes) -> Answering {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            match guard.prove(request.headers(), rule).await {
                Ok((operator, proof)) => {
                    request.extensions_mut().insert(operator);
                    request.extensions_mut().insert(proof);
                    routes.dispatch(request).await
                }
                Err(status) => Ok(status.into_http()),
            }
        })
    }
}

enum Decision {
    Pass,
    Act(Operator),
    Prove(ScopeRule),
}

#[derive(Clone, Copy)]
pub(super) enum ScopeRule {
    AnyOf(&'static [&'static str]),
    AllOf(&'static [&'static str]),
}

impl Inner {
    fn decide(&self, request: &Request<Body>) -> Result<Decision, Status> {
        let peer = request.extensions().get().copied().unwrap_or(Peer::Anonymous);
        let (method, caller) = self.rows.get_key_value(request.uri().path()).ok_or_else(method_refused)?;
        telemetry::note(|facts| facts.route(method));
        match (*caller, peer) {
            (Caller::Public, _) | (Caller::AnyService | Caller::AnyoneOrOperator { .. }, Peer::Service(_)) => {
                Ok(Decision::Pass)
            }
            (Caller::AnyoneOrOperator { any_of }, Peer::Anonymous) => Ok(proof_of(request.headers(), any_of)),
            (Caller::Services(names), Peer::Service(name)) if names.contains(&name) => Ok(Decision::Pass),
            (Caller::Operator { .. } | Caller::OperatorAll { .. }, Peer::Service(ServiceName::MINTAGE)) => {
                Ok(Decision::Act(Operator { authority: Authority::Installation, tenant: TenantId::default_tenant() }))
            }
            (Caller::Operator { any_of }, Peer::Anonymous) => Ok(Decision::Prove(ScopeRule::AnyOf(any_of))),
            (Caller::OperatorAll { all_of }, Peer::Anonymous) => Ok(Decision::Prove(ScopeRule::AllOf(all_of))),
            _ => Err(method_refused()),
        }
    }

    async fn prove(&self, headers: &HeaderMap, rule: ScopeRule) -> Result<(Operator, Proof), Status> {
        let token = bearer(headers).ok_or_else(|| unauthenticated("an operator token is required"))?;
        let header = jwt::decode_header(token).map_err(|_| invalid_token())?;
        let kid = header.kid.as_ref().ok_or_else(invalid_token)?;
        let resolved = self.keys.resolve(kid).await?.ok_or_else(invalid_token)?;
        // The tenant is the one in whose ring the key is; its registry entry says which issuers are its own.
        let expectations = Expectations {
            issuer: None,
            audience: MANAGEMENT_AUDIENCE,
            typ: &["at+jwt"],
            now: self.clock.now(),
            leeway: LEEWAY,
        };
        let claims = jwt::verify(token, &resolved.key, &expectations).map_err(|_| invalid_token())?;
        let client_id: ClientId = claims.client_id().and_then(|id| id.parse().ok()).ok_or_else(invalid_token)?;
        telemetry::note(|facts| {
            facts.tenant(&resolved.tenant);
            facts.client(&client_id);
        });
        let proven = Proven {
            operators: Arc::clone(&self.operators),
            clock: self.clock.clone(),
            tenant: resolved.tenant.clone(),
            client_id,
            issuer: claims.issuer().to_owned(),
            carried: granted(&claims)?,
            expires_at: claims.expires_at(),
            rule,
        };
        let scopes = proven.allowed(proven.standing().await?)?;
        let authority = Authority::Token { client_id: proven.client_id.to_string(), scopes };
        Ok((Operator { authority, tenant: resolved.tenant }, Proof(Arc::new(proven))))
    }
}

impl ScopeRule {
    pub(super) fn check(self, scopes: &ScopeSet) -> Result<(), Status> {
        let has = |wanted: &&str| scopes.iter().any(|scope| scope.as_str() == *wanted);
        let (enough, wanted, how_many) = match self {
            Self::AnyOf(wanted) => (wanted.iter().any(has), wanted, "one of the scopes"),
            Self::AllOf(wanted) => (wanted.iter().all(has), wanted, "all of the scopes"),
        };
        if enough {
            return Ok(());
        }
        let how_many = if wanted.len() == 1 { "the scope" } else { how_many };
        let wanted = wanted.join(" ");
        let message = format!("the operator needs {how_many} {wanted}");
        Err(refusal(Code::PermissionDenied, ErrorReason::InsufficientScope, message, &[("scopes", &wanted)]))
    }
}

/// Nothing is asked of who claims nothing.
fn proof_of(headers: &HeaderMap, any_of: &'static [&'static str]) -> Decision {
    if headers.contains_key(header::AUTHORIZATION) { Decision::Prove(ScopeRule::AnyOf(any_of)) } else { Decision::Pass }
}

fn granted(claims: &Claims) -> Result<ScopeSet, Status> {
    match claims.scope() {
        Some(scope) => ScopeSet::parse_delimited(scope).map_err(|_| invalid_token()),
        None => Ok(ScopeSet::default()),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (only, None) = (values.next()?.to_str().ok()?, values.next()) else { return None };
    let (scheme, token) = only.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn method_refused() -> Status {
    refusal(Code::PermissionDenied, ErrorReason::MethodRefused, "the method is not open to this caller", &[])
}

fn unauthenticated(message: &str) -> Status {
    refusal(Code::Unauthenticated, ErrorReason::Unauthenticated, message, &[])
}

pub(super) fn invalid_token() -> Status {
    unauthenticated("the operator token does not verify: it may have expired, or be for another audience")
}

pub(super) fn operator_gone() -> Status {
    unauthenticated("the operator's client was disabled or deleted, or lost its grant for the Management API")
}

/// Between the clocks of two machines of one cluster.
const LEEWAY: Duration = Duration::from_secs(30);
