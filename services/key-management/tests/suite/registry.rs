//! A registry that knows one operator of each of two tenants, and falls silent when told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mintage_api::registry::resolver_service_server::{ResolverService, ResolverServiceServer};
use mintage_api::registry::{
    OperatorRecord, ReportClientUseRequest, ReportClientUseResponse, ReportSecretUseRequest, ReportSecretUseResponse,
    ResolveApplicationRequest, ResolveApplicationResponse, ResolveClientGrantRequest, ResolveClientGrantResponse,
    ResolveClientRequest, ResolveClientResponse, ResolveLongestTokenRequest, ResolveLongestTokenResponse,
    ResolveOperatorRequest, ResolveOperatorResponse, ResolveResourceServerRequest, ResolveResourceServerResponse,
    ResolveTenantRequest, ResolveTenantResponse,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::Routes;
use mintage_chassis::access::MANAGEMENT_SCOPES;
use tonic::{Request, Response, Status};

/// What the registry says of client `op` of tenants `default` and `acme`; an error while it is down.
#[derive(Clone)]
pub(crate) struct FakeRegistry {
    operator: Arc<Mutex<Result<Option<OperatorRecord>, Status>>>,
    /// The longest life of a token in seconds, by algorithm.
    longest_token: Arc<Mutex<HashMap<i32, i64>>>,
}

impl FakeRegistry {
    /// The operator may do everything.
    pub(crate) fn new() -> Self {
        let scopes: Vec<_> = MANAGEMENT_SCOPES.iter().map(|(scope, _)| *scope).collect();
        let fake = Self { operator: Arc::new(Mutex::new(Ok(None))), longest_token: Arc::default() };
        fake.grant(&scopes);
        fake
    }

    pub(crate) fn grant(&self, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.answer(Ok(Some(OperatorRecord { issuers: vec!["https://x/".to_owned()], scopes })));
    }

    pub(crate) fn disable(&self) {
        self.answer(Ok(None));
    }

    pub(crate) fn fall_silent(&self) {
        self.answer(Err(Status::unavailable("tcp 10.0.0.7 refused")));
    }

    /// The tokens of this algorithm live for up to so many seconds.
    pub(crate) fn tokens_live(&self, algorithm: SigningAlgorithm, seconds: i64) {
        self.longest_token.lock().unwrap_or_else(PoisonError::into_inner).insert(algorithm.into(), seconds);
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(ResolverServiceServer::new(self.clone()))
    }

    fn answer(&self, answer: Result<Option<OperatorRecord>, Status>) {
        *self.operator.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }
}

#[tonic::async_trait]
impl ResolverService for FakeRegistry {
    async fn resolve_operator(
        &self,
        request: Request<ResolveOperatorRequest>,
    ) -> Result<Response<ResolveOperatorResponse>, Status> {
        let ResolveOperatorRequest { tenant_id, client_id } = request.into_inner();
        let known = ["default", "acme"].contains(&&*tenant_id) && client_id == "op";
        let operator = self.operator.lock().unwrap_or_else(PoisonError::into_inner).clone()?.filter(|_| known);
        Ok(Response::new(ResolveOperatorResponse { operator, revision: 1 }))
    }

    async fn resolve_tenant(
        &self,
        _: Request<ResolveTenantRequest>,
    ) -> Result<Response<ResolveTenantResponse>, Status> {
        Err(not_asked())
    }

    async fn resolve_client(
        &self,
        _: Request<ResolveClientRequest>,
    ) -> Result<Response<ResolveClientResponse>, Status> {
        Err(not_asked())
    }

    async fn resolve_application(
        &self,
        _: Request<ResolveApplicationRequest>,
    ) -> Result<Response<ResolveApplicationResponse>, Status> {
        Err(not_asked())
    }

    async fn resolve_resource_server(
        &self,
        _: Request<ResolveResourceServerRequest>,
    ) -> Result<Response<ResolveResourceServerResponse>, Status> {
        Err(not_asked())
    }

    async fn resolve_client_grant(
        &self,
        _: Request<ResolveClientGrantRequest>,
    ) -> Result<Response<ResolveClientGrantResponse>, Status> {
        Err(not_asked())
    }

    async fn resolve_longest_token(
        &self,
        request: Request<ResolveLongestTokenRequest>,
    ) -> Result<Response<ResolveLongestTokenResponse>, Status> {
        let ResolveLongestTokenRequest { algorithm, .. } = request.into_inner();
        self.operator.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let longest = self.longest_token.lock().unwrap_or_else(PoisonError::into_inner).get(&algorithm).copied();
        let longest_token = longest.map(|seconds| prost_types::Duration { seconds, nanos: 0 });
        Ok(Response::new(ResolveLongestTokenResponse { longest_token }))
    }

    async fn report_client_use(
        &self,
        _: Request<ReportClientUseRequest>,
    ) -> Result<Response<ReportClientUseResponse>, Status> {
        Err(not_asked())
    }

    async fn report_secret_use(
        &self,
        _: Request<ReportSecretUseRequest>,
    ) -> Result<Response<ReportSecretUseResponse>, Status> {
        Err(not_asked())
    }
}

fn not_asked() -> Status {
    Status::unimplemented("key management never asks for it")
}
