//! A stand-in for client-registry where clients register themselves.

use mintage_api::registry::registration_service_server::RegistrationService;
use mintage_api::registry::{
    CreateInitialAccessTokenRequest, CreateInitialAccessTokenResponse, DeleteRegistrationRequest,
    DeleteRegistrationResponse, GetRegistrationRequest, GetRegistrationResponse, RegisterClientRequest,
    RegisterClientResponse, UpdateRegistrationRequest, UpdateRegistrationResponse,
};
use tonic::{Request, Response, Status};

use crate::desk::Call;

/// The part of client-registry that registers clients.
#[derive(Default)]
pub struct Registrar {
    pub register: Call<RegisterClientRequest, RegisterClientResponse>,
    pub get: Call<GetRegistrationRequest, GetRegistrationResponse>,
    pub update: Call<UpdateRegistrationRequest, UpdateRegistrationResponse>,
    pub delete: Call<DeleteRegistrationRequest, DeleteRegistrationResponse>,
}

#[tonic::async_trait]
impl RegistrationService for Registrar {
    async fn register_client(
        &self,
        request: Request<RegisterClientRequest>,
    ) -> Result<Response<RegisterClientResponse>, Status> {
        self.register.take(request)
    }

    async fn get_registration(
        &self,
        request: Request<GetRegistrationRequest>,
    ) -> Result<Response<GetRegistrationResponse>, Status> {
        self.get.take(request)
    }

    async fn update_registration(
        &self,
        request: Request<UpdateRegistrationRequest>,
    ) -> Result<Response<UpdateRegistrationResponse>, Status> {
        self.update.take(request)
    }

    async fn delete_registration(
        &self,
        request: Request<DeleteRegistrationRequest>,
    ) -> Result<Response<DeleteRegistrationResponse>, Status> {
        self.delete.take(request)
    }

    async fn create_initial_access_token(
        &self,
        _: Request<CreateInitialAccessTokenRequest>,
    ) -> Result<Response<CreateInitialAccessTokenResponse>, Status> {
        Err(Status::permission_denied("not for the edge"))
    }
}
