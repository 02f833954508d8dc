//! TenantService, RPC by RPC.

use std::sync::Arc;

use mintage_api::registry::tenant_service_server::TenantService;
use mintage_api::registry::{
    CreateTenantRequest, CreateTenantResponse, DeleteTenantRequest, DeleteTenantResponse, GetTenantRequest,
    GetTenantResponse, ListTenantsRequest, ListTenantsResponse, UpdateTenantRequest, UpdateTenantResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::create_tenant::create_tenant;
use super::delete_tenant::delete_tenant;
use super::get_tenant::get_tenant;
use super::list_tenants::list_tenants;
use super::update_tenant::update_tenant;
use crate::grpc::Desk;

/// Serves TenantService.
#[derive(Debug)]
pub(crate) struct Tenants(Arc<Desk>);

impl Tenants {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl TenantService for Tenants {
    async fn create_tenant(
        &self,
        request: Request<CreateTenantRequest>,
    ) -> Result<Response<CreateTenantResponse>, Status> {
        create_tenant(&self.0, request).await.map(Response::new)
    }

    async fn get_tenant(&self, request: Request<GetTenantRequest>) -> Result<Response<GetTenantResponse>, Status> {
        get_tenant(&self.0, request).await.map(Response::new)
    }

    async fn list_tenants(
        &self,
        request: Request<ListTenantsRequest>,
    ) -> Result<Response<ListTenantsResponse>, Status> {
        list_tenants(&self.0, request).await.map(Response::new)
    }

    async fn update_tenant(
        &self,
        request: Request<UpdateTenantRequest>,
    ) -> Result<Response<UpdateTenantResponse>, Status> {
        update_tenant(&self.0, request).await.map(Response::new)
    }

    async fn delete_tenant(
        &self,
        request: Request<DeleteTenantRequest>,
    ) -> Result<Response<DeleteTenantResponse>, Status> {
        delete_tenant(&self.0, request).await.map(Response::new)
    }
}
