//! ClientService, RPC by RPC.

use std::sync::Arc;

use mintage_api::registry::client_service_server::ClientService;
use mintage_api::registry::{
    CreateClientRequest, CreateClientResponse, CreateClientSecretRequest, CreateClientSecretResponse,
    DeleteClientRequest, DeleteClientResponse, GetClientRequest, GetClientResponse, ListClientsRequest,
    ListClientsResponse, RevokeClientSecretRequest, RevokeClientSecretResponse, UpdateClientRequest,
    UpdateClientResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::create_client::create_client;
use super::create_client_secret::create_client_secret;
use super::delete_client::delete_client;
use super::get_client::get_client;
use super::list_clients::list_clients;
use super::revoke_client_secret::revoke_client_secret;
use super::update_client::update_client;
use crate::grpc::Desk;

/// Serves ClientService.
#[derive(Debug)]
pub(crate) struct Clients(Arc<Desk>);

impl Clients {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl ClientService for Clients {
    async fn create_client(
        &self,
        request: Request<CreateClientRequest>,
    ) -> Result<Response<CreateClientResponse>, Status> {
        create_client(&self.0, request).await.map(Response::new)
    }

    async fn get_client(&self, request: Request<GetClientRequest>) -> Result<Response<GetClientResponse>, Status> {
        get_client(&self.0, request).await.map(Response::new)
    }

    async fn list_clients(
        &self,
        request: Request<ListClientsRequest>,
    ) -> Result<Response<ListClientsResponse>, Status> {
        list_clients(&self.0, request).await.map(Response::new)
    }

    async fn update_client(
        &self,
        request: Request<UpdateClientRequest>,
    ) -> Result<Response<UpdateClientResponse>, Status> {
        update_client(&self.0, request).await.map(Response::new)
    }

    async fn delete_client(
        &self,
        request: Request<DeleteClientRequest>,
    ) -> Result<Response<DeleteClientResponse>, Status> {
        delete_client(&self.0, request).await.map(Response::new)
    }

    async fn create_client_secret(
        &self,
        request: Request<CreateClientSecretRequest>,
    ) -> Result<Response<CreateClientSecretResponse>, Status> {
        create_client_secret(&self.0, request).await.map(Response::new)
    }

    async fn revoke_client_secret(
        &self,
        request: Request<RevokeClientSecretRequest>,
    ) -> Result<Response<RevokeClientSecretResponse>, Status> {
        revoke_client_secret(&self.0, request).await.map(Response::new)
    }
}
