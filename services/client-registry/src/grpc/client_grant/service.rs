//! ClientGrantService, RPC by RPC.

use std::sync::Arc;

use mintage_api::registry::client_grant_service_server::ClientGrantService;
use mintage_api::registry::{
    CreateClientGrantRequest, CreateClientGrantResponse, DeleteClientGrantRequest, DeleteClientGrantResponse,
    GetClientGrantRequest, GetClientGrantResponse, ListClientGrantsRequest, ListClientGrantsResponse,
    UpdateClientGrantRequest, UpdateClientGrantResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::create_client_grant::create_client_grant;
use super::delete_client_grant::delete_client_grant;
use super::get_client_grant::get_client_grant;
use super::list_client_grants::list_client_grants;
use super::update_client_grant::update_client_grant;
use crate::grpc::Desk;

/// Serves ClientGrantService.
#[derive(Debug)]
pub(crate) struct ClientGrants(Arc<Desk>);

impl ClientGrants {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl ClientGrantService for ClientGrants {
    async fn create_client_grant(
        &self,
        request: Request<CreateClientGrantRequest>,
    ) -> Result<Response<CreateClientGrantResponse>, Status> {
        create_client_grant(&self.0, request).await.map(Response::new)
    }

    async fn get_client_grant(
        &self,
        request: Request<GetClientGrantRequest>,
    ) -> Result<Response<GetClientGrantResponse>, Status> {
        get_client_grant(&self.0, request).await.map(Response::new)
    }

    async fn list_client_grants(
        &self,
        request: Request<ListClientGrantsRequest>,
    ) -> Result<Response<ListClientGrantsResponse>, Status> {
        list_client_grants(&self.0, request).await.map(Response::new)
    }

    async fn update_client_grant(
        &self,
        request: Request<UpdateClientGrantRequest>,
    ) -> Result<Response<UpdateClientGrantResponse>, Status> {
        update_client_grant(&self.0, request).await.map(Response::new)
    }

    async fn delete_client_grant(
        &self,
        request: Request<DeleteClientGrantRequest>,
    ) -> Result<Response<DeleteClientGrantResponse>, Status> {
        delete_client_grant(&self.0, request).await.map(Response::new)
    }
}
