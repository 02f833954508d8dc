//! ResolverService, RPC by RPC.

use std::sync::Arc;

use mintage_api::registry::resolver_service_server::ResolverService;
use mintage_api::registry::{
    ReportClientUseRequest, ReportClientUseResponse, ReportSecretUseRequest, ReportSecretUseResponse,
    ResolveApplicationRequest, ResolveApplicationResponse, ResolveClientGrantRequest, ResolveClientGrantResponse,
    ResolveClientRequest, ResolveClientResponse, ResolveLongestTokenRequest, ResolveLongestTokenResponse,
    ResolveOperatorRequest, ResolveOperatorResponse, ResolveResourceServerRequest, ResolveResourceServerResponse,
    ResolveTenantRequest, ResolveTenantResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::report_client_use::report_client_use;
use super::report_secret_use::report_secret_use;
use super::resolve_application::resolve_application;
use super::resolve_client::resolve_client;
use super::resolve_client_grant::resolve_client_grant;
use super::resolve_longest_token::resolve_longest_token;
use super::resolve_operator::resolve_operator;
use super::resolve_resource_server::resolve_resource_server;
use super::resolve_tenant::resolve_tenant;
use crate::grpc::Desk;

/// Serves ResolverService.
#[derive(Debug)]
pub(crate) struct Resolver(Arc<Desk>);

impl Resolver {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl ResolverService for Resolver {
    async fn resolve_tenant(
        &self,
        request: Request<ResolveTenantRequest>,
    ) -> Result<Response<ResolveTenantResponse>, Status> {
        resolve_tenant(&self.0, request).await.map(Response::new)
    }

    async fn resolve_client(
        &self,
        request: Request<ResolveClientRequest>,
    ) -> Result<Response<ResolveClientResponse>, Status> {
        resolve_client(&self.0, request).await.map(Response::new)
    }

    async fn resolve_application(
        &self,
        request: Request<ResolveApplicationRequest>,
    ) -> Result<Response<ResolveApplicationResponse>, Status> {
        resolve_application(&self.0, request).await.map(Response::new)
    }

    async fn resolve_resource_server(
        &self,
        request: Request<ResolveResourceServerRequest>,
    ) -> Result<Response<ResolveResourceServerResponse>, Status> {
        resolve_resource_server(&self.0, request).await.map(Response::new)
    }

    async fn resolve_longest_token(
        &self,
        request: Request<ResolveLongestTokenRequest>,
    ) -> Result<Response<ResolveLongestTokenResponse>, Status> {
        resolve_longest_token(&self.0, request).await.map(Response::new)
    }

    async fn resolve_client_grant(
        &self,
        request: Request<ResolveClientGrantRequest>,
    ) -> Result<Response<ResolveClientGrantResponse>, Status> {
        resolve_client_grant(&self.0, request).await.map(Response::new)
    }

    async fn resolve_operator(
        &self,
        request: Request<ResolveOperatorRequest>,
    ) -> Result<Response<ResolveOperatorResponse>, Status> {
        resolve_operator(&self.0, request).await.map(Response::new)
    }

    async fn report_client_use(
        &self,
        request: Request<ReportClientUseRequest>,
    ) -> Result<Response<ReportClientUseResponse>, Status> {
        report_client_use(&self.0, request).await.map(Response::new)
    }

    async fn report_secret_use(
        &self,
        request: Request<ReportSecretUseRequest>,
    ) -> Result<Response<ReportSecretUseResponse>, Status> {
        report_secret_use(&self.0, request).await.map(Response::new)
    }
}
