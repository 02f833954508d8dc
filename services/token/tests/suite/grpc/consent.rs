//! A consent service that knows one code, one refresh token and one ticket, and counts how often it is asked.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mintage_api::consent::redemption_service_server::RedemptionService;
use mintage_api::consent::{
    Authorization, RedeemAuthorizationCodeRequest, RedeemAuthorizationCodeResponse, RedeemFrontChannelTicketRequest,
    RedeemFrontChannelTicketResponse, RedeemPasswordRequest, RedeemPasswordResponse, RedeemRefreshTokenRequest,
    RedeemRefreshTokenResponse, RevokeRefreshTokenRequest, RevokeRefreshTokenResponse, UserClaims,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::source;
use mintage_chassis::status::refusal;
use tonic::{Code, Request, Response, Status};

use super::rig::{API, CLIENT, START};

/// Shared by its gRPC service and the test.
#[derive(Clone, Default)]
pub(crate) struct FakeConsent(Arc<Inner>);

#[derive(Default)]
struct Inner {
    asked: AtomicUsize,
    last: Mutex<String>,
    refusal: Mutex<Option<Status>>,
    user_id: Mutex<Option<String>>,
}

impl FakeConsent {
    /// How often it was asked anything.
    pub(crate) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// The last thing that was presented, with who presented it.
    pub(crate) fn last(&self) -> String {
        self.0.last.lock().unwrap().clone()
    }

    /// From now on it refuses everything so.
    pub(crate) fn refuse(&self, status: Status) {
        *self.0.refusal.lock().unwrap() = Some(status);
    }

    /// From now on all that it gives is this user's.
    pub(crate) fn call_the_user(&self, user_id: &str) {
        *self.0.user_id.lock().unwrap() = Some(user_id.to_owned());
    }

    fn ask(&self, presented: &str, by: &str, known: &str) -> Result<Authorization, Status> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        *self.0.last.lock().unwrap() = format!("{presented} by {by}");
        if let Some(status) = self.0.refusal.lock().unwrap().clone() {
            return Err(status);
        }
        if presented != known || by != CLIENT {
            return Err(refusal(Code::InvalidArgument, ErrorReason::GrantInvalid, "no", &[]));
        }
        Ok(self.authorization())
    }

    fn authorization(&self) -> Authorization {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        Authorization {
            user_id: self.0.user_id.lock().unwrap().clone().unwrap_or_else(|| "usr_ada".to_owned()),
            audience: API.to_owned(),
            scopes: ["read:it", "openid", "profile"].map(str::to_owned).to_vec(),
            nonce: "n-1".to_owned(),
            auth_time: at(START.unix_seconds()),
            session_id: "ses_1".to_owned(),
            refresh_token: "next".to_owned(),
            claims: Some(UserClaims { name: Some("Ada".to_owned()), ..UserClaims::default() }),
            tell_auth_time: false,
            resource_server_id: "api_1".to_owned(),
        }
    }
}

/// As the contract has it: for the API that was granted, without a refresh token where nothing is taken, and taken as it was when
/// it was looked at.
fn told(
    given: Authorization,
    audience: &str,
    look_only: bool,
    looked_at: Option<prost_types::Timestamp>,
) -> Result<Authorization, Status> {
    if looked_at != JUDGED_AT.filter(|_| !look_only) {
        return Err(refusal(Code::InvalidArgument, ErrorReason::GrantInvalid, "no", &[]));
    }
    if !audience.is_empty() && audience != given.audience {
        let metadata = [("audience", audience)];
        return Err(refusal(Code::PermissionDenied, ErrorReason::AudienceNotGranted, "no", &metadata));
    }
    let refresh_token = if look_only { String::new() } else { given.refresh_token.clone() };
    Ok(Authorization { refresh_token, ..given })
}

/// By its own clock.
const JUDGED_AT: Option<prost_types::Timestamp> =
    Some(prost_types::Timestamp { seconds: 1_763_000_007, nanos: 125_000_000 });

#[tonic::async_trait]
impl RedemptionService for FakeConsent {
    async fn redeem_authorization_code(
        &self,
        request: Request<RedeemAuthorizationCodeRequest>,
    ) -> Result<Response<RedeemAuthorizationCodeResponse>, Status> {
        let RedeemAuthorizationCodeRequest {
            tenant_id: _,
            client_id,
            code,
            redirect_uri,
            code_verifier,
            audience,
            look_only,
            issuer,
            looked_at,
        } = request.into_inner();
        let presented = format!("{code} {redirect_uri} {code_verifier} {issuer}");
        let given =
            self.ask(&presented, &client_id, "code-1 https://app.example/back verifier https://login.example/")?;
        let authorization = Some(told(given, &audience, look_only, looked_at)?);
        Ok(Response::new(RedeemAuthorizationCodeResponse { authorization, judged_at: JUDGED_AT }))
    }

    async fn redeem_refresh_token(
        &self,
        request: Request<RedeemRefreshTokenRequest>,
    ) -> Result<Response<RedeemRefreshTokenResponse>, Status> {
        let RedeemRefreshTokenRequest { client_id, refresh_token, audience, look_only, looked_at, .. } =
            request.into_inner();
        let given = self.ask(&refresh_token, &client_id, "refresh-1")?;
        let authorization = Some(told(given, &audience, look_only, looked_at)?);
        Ok(Response::new(RedeemRefreshTokenResponse { authorization, judged_at: JUDGED_AT }))
    }

    async fn redeem_password(
        &self,
        request: Request<RedeemPasswordRequest>,
    ) -> Result<Response<RedeemPasswordResponse>, Status> {
        let passed_on = source::of(&request).unwrap().to_string();
        let RedeemPasswordRequest { client_id, username, password, .. } = request.into_inner();
        let presented = format!("{username} {password} {passed_on}");
        let authorization = Some(self.ask(&presented, &client_id, "ada correct 192.0.2.1")?);
        Ok(Response::new(RedeemPasswordResponse { authorization }))
    }

    async fn redeem_front_channel_ticket(
        &self,
        request: Request<RedeemFrontChannelTicketRequest>,
    ) -> Result<Response<RedeemFrontChannelTicketResponse>, Status> {
        let RedeemFrontChannelTicketRequest { ticket, .. } = request.into_inner();
        let authorization = Some(self.ask(&ticket, CLIENT, "ticket-1")?);
        let client_id = CLIENT.to_owned();
        Ok(Response::new(RedeemFrontChannelTicketResponse {
            authorization,
            client_id,
            token: true,
            id_token: true,
            code: "code-1".to_owned(),
        }))
    }

    async fn revoke_refresh_token(
        &self,
        request: Request<RevokeRefreshTokenRequest>,
    ) -> Result<Response<RevokeRefreshTokenResponse>, Status> {
        let RevokeRefreshTokenRequest { client_id, refresh_token, .. } = request.into_inner();
        let known = refresh_token.clone();
        self.ask(&refresh_token, &client_id, &known)?;
        Ok(Response::new(RevokeRefreshTokenResponse {}))
    }
}
