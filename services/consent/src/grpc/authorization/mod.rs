//! `AuthorizationService`: a browser is led from a request to its answer.
//!
//! - [`flow`] goes on with a request as far as it can; each RPC brings it there.
//! - `asking` is what a user is asked, `refusing` tells clients no.
//! - `convert` turns what comes next into messages.

mod asking;
mod begin;
mod convert;
mod decide;
mod flow;
mod get_interaction;
mod refusing;
mod sign_in;
mod standing;
mod switch_user;

use std::sync::Arc;

pub(super) use convert::Going;

use mintage_api::consent::authorization_service_server::AuthorizationService;
use mintage_api::consent::{
    BeginAuthorizationRequest, BeginAuthorizationResponse, BeginSignInRequest, BeginSignInResponse, DecideRequest,
    DecideResponse, GetInteractionRequest, GetInteractionResponse, SignInRequest, SignInResponse, SwitchUserRequest,
    SwitchUserResponse,
};
use mintage_chassis::source;
use tonic::{Request, Response, Status, async_trait};

use super::Desk;

/// The service.
#[derive(Clone, Debug)]
pub(super) struct Authorizations {
    desk: Arc<Desk>,
}

impl Authorizations {
    pub(super) const fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }
}

#[async_trait]
impl AuthorizationService for Authorizations {
    async fn begin_authorization(
        &self,
        request: Request<BeginAuthorizationRequest>,
    ) -> Result<Response<BeginAuthorizationResponse>, Status> {
        let source = source::of(&request);
        let step = begin::authorization(&self.desk, request.into_inner(), source).await?;
        Ok(Response::new(BeginAuthorizationResponse { step: Some(step.into()) }))
    }

    async fn begin_sign_in(
        &self,
        request: Request<BeginSignInRequest>,
    ) -> Result<Response<BeginSignInResponse>, Status> {
        let source = source::of(&request);
        let step = begin::sign_in(&self.desk, request.into_inner(), source).await?;
        Ok(Response::new(BeginSignInResponse { step: Some(step.into()) }))
    }

    async fn get_interaction(
        &self,
        request: Request<GetInteractionRequest>,
    ) -> Result<Response<GetInteractionResponse>, Status> {
        Ok(Response::new(get_interaction::run(&self.desk, request.into_inner()).await?))
    }

    async fn sign_in(&self, request: Request<SignInRequest>) -> Result<Response<SignInResponse>, Status> {
        let source = source::of(&request);
        let step = sign_in::run(&self.desk, request.into_inner(), source).await?;
        Ok(Response::new(SignInResponse { step: Some(step.into()) }))
    }

    async fn switch_user(&self, request: Request<SwitchUserRequest>) -> Result<Response<SwitchUserResponse>, Status> {
        let source = source::of(&request);
        let step = switch_user::run(&self.desk, request.into_inner(), source).await?;
        Ok(Response::new(SwitchUserResponse { step: Some(step.into()) }))
    }

    async fn decide(&self, request: Request<DecideRequest>) -> Result<Response<DecideResponse>, Status> {
        let step = decide::run(&self.desk, request.into_inner()).await?;
        Ok(Response::new(DecideResponse { step: Some(step.into()) }))
    }
}
