//! UserService, RPC by RPC.

use std::sync::Arc;

use mintage_api::consent::user_service_server::UserService;
use mintage_api::consent::{
    CreateUserRequest, CreateUserResponse, DeleteUserRequest, DeleteUserResponse, GetUserRequest, GetUserResponse,
    ListUsersRequest, ListUsersResponse, SetPasswordRequest, SetPasswordResponse, UpdateUserRequest,
    UpdateUserResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::create_user::create_user;
use super::delete_user::delete_user;
use super::get_user::get_user;
use super::list_users::list_users;
use super::set_password::set_password;
use super::update_user::update_user;
use crate::grpc::Desk;

/// Serves UserService.
#[derive(Debug)]
pub(crate) struct Users(Arc<Desk>);

impl Users {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl UserService for Users {
    async fn create_user(&self, request: Request<CreateUserRequest>) -> Result<Response<CreateUserResponse>, Status> {
        create_user(&self.0, request).await.map(Response::new)
    }

    async fn get_user(&self, request: Request<GetUserRequest>) -> Result<Response<GetUserResponse>, Status> {
        get_user(&self.0, request).await.map(Response::new)
    }

    async fn list_users(&self, request: Request<ListUsersRequest>) -> Result<Response<ListUsersResponse>, Status> {
        list_users(&self.0, request).await.map(Response::new)
    }

    async fn update_user(&self, request: Request<UpdateUserRequest>) -> Result<Response<UpdateUserResponse>, Status> {
        update_user(&self.0, request).await.map(Response::new)
    }

    async fn set_password(
        &self,
        request: Request<SetPasswordRequest>,
    ) -> Result<Response<SetPasswordResponse>, Status> {
        set_password(&self.0, request).await.map(Response::new)
    }

    async fn delete_user(&self, request: Request<DeleteUserRequest>) -> Result<Response<DeleteUserResponse>, Status> {
        delete_user(&self.0, request).await.map(Response::new)
    }
}
