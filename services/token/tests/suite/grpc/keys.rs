//! A key-management that signs nothing: the payload itself is the token.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use mintage_api::keys::sign_result::Result as Outcome;
use mintage_api::keys::signing_service_server::SigningService;
use mintage_api::keys::{SignItem, SignRequest, SignResponse, SignResult};
use mintage_api::types::ErrorReason;
use tonic::{Request, Response, Status};

/// Remembers what it was asked to sign, call by call.
#[derive(Clone, Default)]
pub(crate) struct FakeKeys {
    pub(crate) calls: Arc<Mutex<Vec<Vec<SignItem>>>>,
    /// What it answers instead of a signature, if anything.
    pub(crate) refusal: Arc<Mutex<Option<ErrorReason>>>,
    /// Whether it refuses whole calls because it has too much to do.
    pub(crate) overloaded: Arc<AtomicBool>,
}

impl FakeKeys {
    /// How many calls came, and how many items in all of them.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let calls = self.calls.lock().unwrap();
        (calls.len(), calls.iter().map(Vec::len).sum())
    }
}

#[tonic::async_trait]
impl SigningService for FakeKeys {
    async fn sign(&self, request: Request<SignRequest>) -> Result<Response<SignResponse>, Status> {
        if self.overloaded.load(Ordering::Relaxed) {
            return Err(Status::resource_exhausted("too much to do"));
        }
        let SignRequest { items } = request.into_inner();
        let refusal = *self.refusal.lock().unwrap();
        let sign = |item: &SignItem| match refusal {
            Some(reason) => Outcome::Refusal(reason.into()),
            None => Outcome::Jws(String::from_utf8(item.payload.clone()).unwrap()),
        };
        let results = items.iter().map(|item| SignResult { result: Some(sign(item)) }).collect();
        self.calls.lock().unwrap().push(items);
        Ok(Response::new(SignResponse { results }))
    }
}
