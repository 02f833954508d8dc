//! Executes the access table in front of a service's routes.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{Extensions, HeaderMap, Request, header};
use mintage_api::types::ErrorReason;
use mintage_clock::Clock;
use mintage_jose::jwt::{self, Claims, Expectations};
use mintage_oauth::{ClientId, ScopeSet, TenantId};
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::{Layer, Service};

use super::{Authority, Caller, KeyResolver, MANAGEMENT_AUDIENCE, Operator, OperatorDirectory, Row};
use crate::status::refusal;
use crate::{Peer, ServiceName};

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
        Routes::from(routes.into_axum_router().layer(self)).prepare()
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, guard: self.clone() }
    }
}

/// Routes behind a guard.
#[derive(Clone)]
pub struct Guarded<S> {
    inner: S,
    guard: Guard,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.guard.0.decide(request.uri().path(), request.extensions()) {
            Ok(Decision::Pass) => Box::pin(self.inner.call(request)),
            Ok(Decision::Prove(rule)) => {
                let (guard, inner) = (self.guard.clone(), self.inner.clone());
                Box::pin(async move {
                    match guard.0.prove(request.headers(), rule).await {
                        Ok(operator) => {
                            request.extensions_mut().insert(operator);
                            let mut inner = inner;
                            inner.call(request).await
                        }
                        Err(status) => Ok(status.into_http()),
                    }
                })
            }
            Ok(Decision::Act(operator)) => {
                request.extensions_mut().insert(operator);
                Box::pin(self.inner.call(request))
            }
            Err(status) => Box::pin(std::future::ready(Ok(status.into_http()))),
        }
    }
}

enum Decision {
    Pass,
    Act(Operator),
    Prove(ScopeRule),
}

#[derive(Clone, Copy)]
enum ScopeRule {
    AnyOf(&'static [&'static str]),
    AllOf(&'static [&'static str]),
}

impl Inner {
    fn decide(&self, method: &str, extensions: &Extensions) -> Result<Decision, Status> {
        let peer = extensions.get().copied().unwrap_or(Peer::Anonymous);
        let caller = self.rows.get(method).ok_or_else(method_refused)?;
        match (*caller, peer) {
            (Caller::Public, _) | (Caller::AnyService, Peer::Service(_)) => Ok(Decision::Pass),
            (Caller::Services(names), Peer::Service(name)) if names.contains(&name) => Ok(Decision::Pass),
            (Caller::Operator { .. } | Caller::OperatorAll { .. }, Peer::Service(ServiceName::MINTAGE)) => {
                Ok(Decision::Act(Operator { authority: Authority::Installation, tenant: TenantId::default_tenant() }))
            }
            (Caller::Operator { any_of }, Peer::Anonymous) => Ok(Decision::Prove(ScopeRule::AnyOf(any_of))),
            (Caller::OperatorAll { all_of }, Peer::Anonymous) => Ok(Decision::Prove(ScopeRule::AllOf(all_of))),
            _ => Err(method_refused()),
        }
    }

    async fn prove(&self, headers: &HeaderMap, rule: ScopeRule) -> Result<Operator, Status> {
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
        let scopes = self.scopes_now(&resolved.tenant, &client_id, &claims).await?;
        rule.check(&scopes)?;
        let authority = Authority::Token { client_id: client_id.to_string(), scopes };
        Ok(Operator { authority, tenant: resolved.tenant })
    }

    /// What the token carries, as far as its client still has it.
    async fn scopes_now(&self, tenant: &TenantId, client_id: &ClientId, claims: &Claims) -> Result<ScopeSet, Status> {
        let carried = granted(claims)?;
        let standing = self.operators.standing(tenant, client_id).await?.ok_or_else(operator_gone)?;
        if !standing.issuers.iter().any(|issuer| issuer == claims.issuer()) {
            return Err(invalid_token());
        }
        Ok(carried.iter().filter(|scope| standing.scopes.contains(scope.as_str())).cloned().collect())
    }
}

impl ScopeRule {
    fn check(self, scopes: &ScopeSet) -> Result<(), Status> {
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

fn invalid_token() -> Status {
    unauthenticated("the operator token does not verify: it may have expired, or be for another audience")
}

fn operator_gone() -> Status {
    unauthenticated("the operator's client was disabled or deleted, or lost its grant for the Management API")
}

/// Between the clocks of two machines of one cluster.
const LEEWAY: Duration = Duration::from_secs(30);
