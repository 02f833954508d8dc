//! `Debug` of the messages that carry secrets or tokens: the shape, never the value.

use std::fmt;

use crate::{consent, keys, registry, token, types};

const HIDDEN: &str = "[redacted]";

/// Messages that say little beside what is hidden: their name alone.
macro_rules! hidden {
    ($($package:ident::$message:ident),+ $(,)?) => {
        $(impl fmt::Debug for $package::$message {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($message)).field(&HIDDEN).finish()
            }
        })+
    };
}

hidden!(
    consent::BrowserTokens,
    consent::Parameter,
    consent::Redirection,
    consent::Interaction,
    consent::BeginAuthorizationRequest,
    consent::GetInteractionRequest,
    consent::GetInteractionResponse,
    consent::SignInRequest,
    consent::SwitchUserRequest,
    consent::DecideRequest,
    consent::Authorization,
    consent::RedeemAuthorizationCodeRequest,
    consent::RedeemRefreshTokenRequest,
    consent::RedeemPasswordRequest,
    consent::RedeemFrontChannelTicketRequest,
    consent::RedeemFrontChannelTicketResponse,
    consent::RevokeRefreshTokenRequest,
    consent::GetSessionResponse,
    consent::RevokeOwnGrantRequest,
    consent::EndSessionRequest,
    consent::ConfirmLogout,
    consent::GetUserInfoRequest,
    consent::CreateUserRequest,
    consent::SetPasswordRequest,
    registry::RegisterClientRequest,
    registry::RegisterClientResponse,
    registry::GetRegistrationRequest,
    registry::UpdateRegistrationRequest,
    registry::DeleteRegistrationRequest,
    registry::CreateInitialAccessTokenResponse,
    token::AuthorizationCodeGrant,
    token::RefreshTokenGrant,
    token::PasswordGrant,
    token::IssueFrontChannelRequest,
    token::IssueFrontChannelResponse,
    token::RevokeTokenRequest,
);

impl fmt::Debug for token::ClientSecretAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client_id, client_secret: _ } = self;
        f.debug_struct("ClientSecretAuthentication")
            .field("client_id", client_id)
            .field("client_secret", &HIDDEN)
            .finish()
    }
}

impl fmt::Debug for token::IssueTokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_token: _, token_type, expires_in, scopes, refresh_token: _, id_token: _ } = self;
        f.debug_struct("IssueTokenResponse")
            .field("access_token", &HIDDEN)
            .field("token_type", token_type)
            .field("expires_in", expires_in)
            .field("scopes", scopes)
            .finish()
    }
}

impl fmt::Debug for registry::CreateClientResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, client_secret: _ } = self;
        f.debug_struct("CreateClientResponse").field("client", client).field("client_secret", &HIDDEN).finish()
    }
}

impl fmt::Debug for registry::CreateClientSecretResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret, client_secret: _ } = self;
        f.debug_struct("CreateClientSecretResponse").field("secret", secret).field("client_secret", &HIDDEN).finish()
    }
}

impl fmt::Debug for registry::SecretRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, scheme, hash: _, not_after } = self;
        f.debug_struct("SecretRecord")
            .field("id", id)
            .field("scheme", scheme)
            .field("hash", &HIDDEN)
            .field("not_after", not_after)
            .finish()
    }
}

impl fmt::Debug for keys::SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kid, state, k: _ } = self;
        f.debug_struct("SharedSecret").field("kid", kid).field("state", state).field("k", &HIDDEN).finish()
    }
}

impl fmt::Debug for keys::SignItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ring, typ, payload, trace_context: _, lifetime_seconds } = self;
        f.debug_struct("SignItem")
            .field("ring", ring)
            .field("typ", typ)
            .field("payload_bytes", &payload.len())
            .field("lifetime_seconds", lifetime_seconds)
            .finish()
    }
}

impl fmt::Debug for keys::SignResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { result } = self;
        f.debug_struct("SignResult").field("result", result).finish()
    }
}

impl fmt::Debug for keys::sign_result::Result {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jws(_) => f.debug_tuple("Jws").field(&HIDDEN).finish(),
            Self::Refusal(reason) => f.debug_tuple("Refusal").field(reason).finish(),
        }
    }
}

impl fmt::Debug for types::SharedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, path, headers: _, body } = self;
        f.debug_struct("SharedCall")
            .field("number", number)
            .field("path", path)
            .field("body_bytes", &body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for types::SharedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value: _ } = self;
        f.debug_struct("SharedHeader").field("name", name).field("value", &HIDDEN).finish()
    }
}

impl fmt::Debug for types::SharedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, headers: _, body, trailers } = self;
        f.debug_struct("SharedAnswer")
            .field("number", number)
            .field("body_bytes", &body.len())
            .field("trailers", trailers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b34_messages_that_carry_secrets_do_not_show_them() {
        let planted = "canary".to_owned();
        let shown = [
            format!(
                "{:?}",
                token::ClientSecretAuthentication { client_id: "c".into(), client_secret: planted.clone() }
            ),
            format!("{:?}", token::IssueTokenResponse { access_token: planted.clone(), ..Default::default() }),
            format!("{:?}", registry::CreateClientResponse { client_secret: planted.clone(), ..Default::default() }),
            format!(
                "{:?}",
                registry::CreateClientSecretResponse { client_secret: planted.clone(), ..Default::default() }
            ),
            format!("{:?}", registry::SecretRecord { hash: planted.clone().into_bytes(), ..Default::default() }),
            format!("{:?}", keys::SharedSecret { k: planted.clone(), ..Default::default() }),
            format!("{:?}", keys::SignItem { payload: planted.clone().into_bytes(), ..Default::default() }),
            format!("{:?}", types::SharedCall { body: planted.clone().into(), ..Default::default() }),
            format!("{:?}", types::SharedHeader { value: planted.clone().into(), ..Default::default() }),
            format!("{:?}", types::SharedAnswer { body: planted.clone().into(), ..Default::default() }),
            format!("{:?}", keys::sign_result::Result::Jws(planted)),
        ];
        for text in shown {
            assert!(!text.contains("canary") && !text.contains("99, 97, 110"), "{text}");
        }
    }
}
