//! The token service.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mintage_api::token::token_service_server::TokenService;
use mintage_api::token::{
    IssueFrontChannelRequest, IssueFrontChannelResponse, IssueTokenRequest, IssueTokenResponse, RevokeTokenRequest,
    RevokeTokenResponse,
};
use mintage_chassis::source;
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status};

type Answer = dyn Fn(&IssueTokenRequest) -> Result<IssueTokenResponse, Status> + Send + Sync;

/// The token service.
pub struct Tokens {
    pub answer: Mutex<Arc<Answer>>,
    pub asked: Mutex<Vec<(IssueTokenRequest, Option<IpAddr>)>>,
    /// What a ticket is redeemed for, and the tickets that were.
    pub front_channel: Mutex<Result<IssueFrontChannelResponse, Status>>,
    pub tickets: Mutex<Vec<IssueFrontChannelRequest>>,
    /// What revoking answers, and what was to be revoked.
    pub revocation: Mutex<Result<RevokeTokenResponse, Status>>,
    pub revoked: Mutex<Vec<RevokeTokenRequest>>,
    pub started: AtomicUsize,
    pub finished: AtomicUsize,
    /// Calls pass one by one as permits are added; endless unless a test takes them away.
    pub gate: Semaphore,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            answer: Mutex::new(Arc::new(|request| Ok(token_for(request)))),
            asked: Mutex::default(),
            front_channel: Mutex::new(Ok(IssueFrontChannelResponse::default())),
            tickets: Mutex::default(),
            revocation: Mutex::new(Ok(RevokeTokenResponse {})),
            revoked: Mutex::default(),
            started: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            gate: Semaphore::new(1 << 20),
        }
    }
}

impl Tokens {
    pub fn answer_with(
        &self,
        answer: impl Fn(&IssueTokenRequest) -> Result<IssueTokenResponse, Status> + Send + Sync + 'static,
    ) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }

    pub fn last(&self) -> IssueTokenRequest {
        self.asked.lock().unwrap().last().expect("the token service was asked").0.clone()
    }

    pub fn last_source(&self) -> Option<IpAddr> {
        self.asked.lock().unwrap().last().expect("the token service was asked").1
    }

    pub fn calls(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }
}

pub fn token_for(request: &IssueTokenRequest) -> IssueTokenResponse {
    IssueTokenResponse {
        access_token: TOKEN.to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: 3600,
        scopes: request.scopes.clone(),
        ..IssueTokenResponse::default()
    }
}

pub const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.e30.canary-token";

#[tonic::async_trait]
impl TokenService for Tokens {
    async fn issue_token(&self, request: Request<IssueTokenRequest>) -> Result<Response<IssueTokenResponse>, Status> {
        let source = source::of(&request);
        let message = request.into_inner();
        self.asked.lock().unwrap().push((message.clone(), source));
        self.started.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.map_err(|_| Status::internal("the gate is gone"))?.forget();
        self.finished.fetch_add(1, Ordering::SeqCst);
        let answer = Arc::clone(&self.answer.lock().unwrap());
        answer(&message).map(Response::new)
    }

    async fn issue_front_channel(
        &self,
        request: Request<IssueFrontChannelRequest>,
    ) -> Result<Response<IssueFrontChannelResponse>, Status> {
        self.tickets.lock().unwrap().push(request.into_inner());
        self.front_channel.lock().unwrap().clone().map(Response::new)
    }

    async fn revoke_token(
        &self,
        request: Request<RevokeTokenRequest>,
    ) -> Result<Response<RevokeTokenResponse>, Status> {
        self.revoked.lock().unwrap().push(request.into_inner());
        self.revocation.lock().unwrap().clone().map(Response::new)
    }
}
