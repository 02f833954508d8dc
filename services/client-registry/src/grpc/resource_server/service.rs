//! ResourceServerService, RPC by RPC.

use std::sync::Arc;

use mintage_api::registry::resource_server_service_server::ResourceServerService;
use mintage_api::registry::{
    CreateResourceServerRequest, CreateResourceServerResponse, DeleteResourceServerRequest,
    DeleteResourceServerResponse, GetResourceServerRequest, GetResourceServerResponse, ListResourceServersRequest,
    ListResourceServersResponse, UpdateResourceServerRequest, UpdateResourceServerResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::create_resource_server::create_resource_server;
use super::delete_resource_server::delete_resource_server;
use super::get_resource_server::get_resource_server;
use super::list_resource_servers::list_resource_servers;
use super::update_resource_server::update_resource_server;
use crate::grpc::Desk;

/// Serves ResourceServerService.
#[derive(Debug)]
pub(crate) struct ResourceServers(Arc<Desk>);

impl ResourceServers {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl ResourceServerService for ResourceServers {
    async fn create_resource_server(
        &self,
        request: Request<CreateResourceServerRequest>,
    ) -> Result<Response<CreateResourceServerResponse>, Status> {
        create_resource_server(&self.0, request).await.map(Response::new)
    }

    async fn get_resource_server(
        &self,
        request: Request<GetResourceServerRequest>,
    ) -> Result<Response<GetResourceServerResponse>, Status> {
        get_resource_server(&self.0, request).await.map(Response::new)
    }

    async fn list_resource_servers(
        &self,
        request: Request<ListResourceServersRequest>,
    ) -> Result<Response<ListResourceServersResponse>, Status> {
        list_resource_servers(&self.0, request).await.map(Response::new)
    }

    async fn update_resource_server(
        &self,
        request: Request<UpdateResourceServerRequest>,
    ) -> Result<Response<UpdateResourceServerResponse>, Status> {
        update_resource_server(&self.0, request).await.map(Response::new)
    }

    async fn delete_resource_server(
        &self,
        request: Request<DeleteResourceServerRequest>,
    ) -> Result<Response<DeleteResourceServerResponse>, Status> {
        delete_resource_server(&self.0, request).await.map(Response::new)
    }
}
