//! What users granted, redeemed by the consent service.

use std::time::Duration;

use async_trait::async_trait;
use mintage_api::consent::redemption_service_client::RedemptionServiceClient;
use mintage_api::consent::{
    self as wire, RedeemAuthorizationCodeRequest, RedeemFrontChannelTicketRequest, RedeemFrontChannelTicketResponse,
    RedeemPasswordRequest, RedeemRefreshTokenRequest, RevokeRefreshTokenRequest,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::{Reason, reason_of};
use mintage_chassis::wire::{read_time, wire_time};
use mintage_chassis::{Transport, source};
use mintage_clock::Timestamp;
use mintage_oauth::{Scope, ScopeSet, TenantId};
use tonic::{Request, Status};
use zeroize::Zeroizing;

use super::{port_error, within};
use crate::domain::ports::{Looked, PasswordOrder, PortError, Presenter, Redeemable, Redemption, RedemptionOrder};
use crate::domain::{
    Authorization, FrontChannel, IssueError, PresentedCode, PresentedPassword, Ticket, UserClaims, UserIdError,
};

/// Has the consent service redeem. Nothing is asked twice by itself: what was taken once is taken for good, and presented
/// again it ends what it gave.
pub(crate) struct RemoteConsent {
    client: RedemptionServiceClient<Transport>,
    deadline: Duration,
}

impl RemoteConsent {
    /// Asks over `transport`, for at most `deadline`.
    pub(crate) fn new(transport: Transport, deadline: Duration) -> Self {
        Self { client: RedemptionServiceClient::new(transport), deadline }
    }
}

impl RemoteConsent {
    async fn redeem(&self, order: RedemptionOrder<'_>, doing: Doing) -> Result<Looked, IssueError> {
        let RedemptionOrder { by, presented, issuer, audience } = order;
        let (tenant_id, client_id) = (by.tenant.to_string(), by.client_id.to_string());
        let (look_only, looked_at) = match doing {
            Doing::Look => (true, None),
            Doing::Take(looked_at) => (false, looked_at.map(wire_time)),
        };
        let audience = audience.map(ToString::to_string).unwrap_or_default();
        let mut client = self.client.clone();
        let (authorization, judged_at) = match presented {
            Redeemable::Code(PresentedCode { code, redirect_uri, code_verifier }) => {
                let (code, redirect_uri, code_verifier) =
                    (code.to_string(), redirect_uri.clone(), code_verifier.to_string());
                let request = RedeemAuthorizationCodeRequest {
                    tenant_id,
                    client_id,
                    code,
                    redirect_uri,
                    code_verifier,
                    audience,
                    look_only,
                    issuer: issuer.to_owned(),
                    looked_at,
                };
                let answer = within(self.deadline, client.redeem_authorization_code(request)).await;
                answer.map(|answer| (answer.authorization, answer.judged_at))
            }
            Redeemable::RefreshToken { token, scopes } => {
                let (refresh_token, scopes) = (token.to_owned(), wire_scopes(scopes));
                let request = RedeemRefreshTokenRequest {
                    tenant_id,
                    client_id,
                    refresh_token,
                    scopes,
                    audience,
                    look_only,
                    looked_at,
                };
                let answer = within(self.deadline, client.redeem_refresh_token(request)).await;
                answer.map(|answer| (answer.authorization, answer.judged_at))
            }
        }
        .map_err(|status| refused(&status))?;
        Ok(Looked { authorization: answered(authorization)?, at: judged_at.map(read_time) })
    }
}

/// What is done with what is presented.
enum Doing {
    Look,
    /// After it was looked at.
    Take(Option<Timestamp>),
}

#[async_trait]
impl Redemption for RemoteConsent {
    async fn look(&self, order: RedemptionOrder<'_>) -> Result<Looked, IssueError> {
        self.redeem(order, Doing::Look).await
    }

    async fn take(
        &self,
        order: RedemptionOrder<'_>,
        looked_at: Option<Timestamp>,
    ) -> Result<Authorization, IssueError> {
        Ok(self.redeem(order, Doing::Take(looked_at)).await?.authorization)
    }

    async fn password(&self, by: Presenter<'_>, order: PasswordOrder<'_>) -> Result<Authorization, IssueError> {
        let PasswordOrder { presented: PresentedPassword { username, password }, audience, scopes, source } = order;
        let mut request = Request::new(RedeemPasswordRequest {
            tenant_id: by.tenant.to_string(),
            client_id: by.client_id.to_string(),
            username: username.clone(),
            password: password.to_string(),
            audience: audience.map(ToString::to_string).unwrap_or_default(),
            scopes: wire_scopes(scopes),
        });
        if let Some(source) = source {
            source::attach(&mut request, source);
        }
        let answer = within(self.deadline, self.client.clone().redeem_password(request)).await;
        answered(answer.map_err(|status| refused(&status))?.authorization)
    }

    async fn front_channel_ticket(&self, tenant: &TenantId, ticket: &Ticket) -> Result<FrontChannel, IssueError> {
        let request = RedeemFrontChannelTicketRequest { tenant_id: tenant.to_string(), ticket: ticket.0.to_string() };
        let answer = within(self.deadline, self.client.clone().redeem_front_channel_ticket(request)).await;
        let RedeemFrontChannelTicketResponse { authorization, client_id, token, id_token, code } =
            answer.map_err(|status| refused(&status))?;
        let client_id = client_id.parse().map_err(|error| broken(&error))?;
        let code = given(code).map(Zeroizing::new);
        Ok(FrontChannel { authorization: answered(authorization)?, client_id, token, id_token, code })
    }

    async fn end(&self, by: Presenter<'_>, token: &str) -> Result<(), IssueError> {
        let request = RevokeRefreshTokenRequest {
            tenant_id: by.tenant.to_string(),
            client_id: by.client_id.to_string(),
            refresh_token: token.to_owned(),
        };
        let answer = within(self.deadline, self.client.clone().revoke_refresh_token(request)).await;
        answer.map(drop).map_err(|status| refused(&status))
    }
}

fn wire_scopes(scopes: Option<&ScopeSet>) -> Vec<String> {
    scopes.into_iter().flatten().map(Scope::to_string).collect()
}

fn answered(message: Option<wire::Authorization>) -> Result<Authorization, IssueError> {
    authorization(message.ok_or_else(|| broken(&"it has no authorization"))?)
}

fn authorization(message: wire::Authorization) -> Result<Authorization, IssueError> {
    let wire::Authorization {
        user_id,
        audience,
        scopes,
        nonce,
        auth_time,
        session_id,
        refresh_token,
        claims,
        tell_auth_time,
        resource_server_id,
    } = message;
    Ok(Authorization {
        user_id: user_id.parse().map_err(|error: UserIdError| broken(&error))?,
        audience: given(audience).map(|text| text.parse()).transpose().map_err(|error| broken(&error))?,
        resource_server: given(resource_server_id).map(Into::into),
        scopes: ScopeSet::parse_each(&scopes).map_err(|error| broken(&error))?,
        nonce: given(nonce),
        auth_time: auth_time.filter(|_| tell_auth_time).map(read_time),
        session_id: given(session_id),
        refresh_token: given(refresh_token).map(Zeroizing::new),
        claims: claims.map(user_claims).unwrap_or_default(),
    })
}

fn user_claims(message: wire::UserClaims) -> UserClaims {
    let wire::UserClaims { name, email, email_verified, updated_at } = message;
    UserClaims { name, email, email_verified, updated_at: updated_at.map(read_time) }
}

/// Empty: none.
fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn refused(status: &Status) -> IssueError {
    match reason_of(status) {
        Some(reason) => of_reason(&reason).unwrap_or_else(|| port_error(SIBLING, status).into()),
        None => port_error(SIBLING, status).into(),
    }
}

/// What is refused to the client and no fault of ours.
fn of_reason(reason: &Reason) -> Option<IssueError> {
    match reason.reason {
        // What cannot be read there cannot be one that was given out.
        ErrorReason::GrantInvalid | ErrorReason::SignInRefused | ErrorReason::ParameterInvalid => {
            Some(IssueError::GrantInvalid)
        }
        ErrorReason::TooManyAttempts => {
            let seconds = reason.get("retry_after_seconds").parse().unwrap_or(1);
            let limit = reason.get("limit").parse().unwrap_or_default();
            Some(IssueError::TooManySignIns { retry_after: Duration::from_secs(seconds), limit })
        }
        ErrorReason::ScopeNotGranted => {
            let missing = reason.get("scopes").split(' ').filter_map(|scope| scope.parse().ok()).collect();
            Some(IssueError::ScopeNotGranted { missing })
        }
        ErrorReason::AudienceNotGranted => {
            Some(IssueError::AudienceNotGranted { audience: reason.get("audience").parse().ok()? })
        }
        ErrorReason::AudienceMissing => Some(IssueError::AudienceMissing),
        ErrorReason::AudienceUnknown => {
            Some(IssueError::AudienceUnknown { audience: reason.get("audience").parse().ok()? })
        }
        _ => None,
    }
}

/// An answer that makes no sense: nothing is issued by it.
fn broken(why: &dyn std::fmt::Display) -> IssueError {
    tracing::error!(sibling = SIBLING, %why, "what was redeemed cannot be read");
    PortError::Broken.into()
}

const SIBLING: &str = "consent";
