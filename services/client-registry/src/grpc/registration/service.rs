//! RegistrationService, RPC by RPC.

use std::sync::Arc;

use mintage_api::registry::registration_service_server::RegistrationService;
use mintage_api::registry::{
    CreateInitialAccessTokenRequest, CreateInitialAccessTokenResponse, DeleteRegistrationRequest,
    DeleteRegistrationResponse, GetRegistrationRequest, GetRegistrationResponse, RegisterClientRequest,
    RegisterClientResponse, UpdateRegistrationRequest, UpdateRegistrationResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::create_initial_access_token::create_initial_access_token;
use super::delete_registration::delete_registration;
use super::get_registration::get_registration;
use super::register_client::register_client;
use super::update_registration::update_registration;
use crate::grpc::Desk;

/// Serves RegistrationService.
#[derive(Debug)]
pub(crate) struct Registrations(Arc<Desk>);

impl Registrations {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl RegistrationService for Registrations {
    async fn register_client(
        &self,
        request: Request<RegisterClientRequest>,
    ) -> Result<Response<RegisterClientResponse>, Status> {
        register_client(&self.0, request).await.map(Response::new)
    }

    async fn get_registration(
        &self,
        request: Request<GetRegistrationRequest>,
    ) -> Result<Response<GetRegistrationResponse>, Status> {
        get_registration(&self.0, request).await.map(Response::new)
    }

    async fn update_registration(
        &self,
        request: Request<UpdateRegistrationRequest>,
    ) -> Result<Response<UpdateRegistrationResponse>, Status> {
        update_registration(&self.0, request).await.map(Response::new)
    }

    async fn delete_registration(
        &self,
        request: Request<DeleteRegistrationRequest>,
    ) -> Result<Response<DeleteRegistrationResponse>, Status> {
        delete_registration(&self.0, request).await.map(Response::new)
    }

    async fn create_initial_access_token(
        &self,
        request: Request<CreateInitialAccessTokenRequest>,
    ) -> Result<Response<CreateInitialAccessTokenResponse>, Status> {
        create_initial_access_token(&self.0, request).await.map(Response::new)
    }
}
