//! What to do about a refusal. A new one does not compile until it has its sentence here.

use mintage_api::types::ErrorReason;
use mintage_edge::domain::Refusal;

/// About a reason of the contract.
pub(super) const fn of_reason(reason: ErrorReason) -> &'static str {
    use ErrorReason as R;
    match reason {
        R::Unspecified => "",
        R::ParameterMissing => "Send the parameter.",
        R::ParameterInvalid => "Correct the parameter; the rule it breaks is named.",
        R::ParameterRepeated => "Send it once.",
        R::ClientAuthenticationFailed => {
            "Check `client_id` and secret, that the client is enabled and the secret has not ended (`mintage \
             client show`), and that the request goes to the client's tenant. A lost secret is replaced: `mintage \
             client rotate-secret`."
        }
        R::ClientAuthenticationAmbiguous => {
            "Send the secret in the `Authorization` header or in the body, not in both."
        }
        R::TooManyAttempts => "Wait as long as the answer says, and find the caller that keeps sending a wrong secret.",
        R::GrantTypeUnsupported => {
            "Use `client_credentials`, or of those that `grant_types_supported` names in discovery the one that fits."
        }
        R::GrantTypeNotAllowed => "Allow it: `mintage client update --grant-type`.",
        R::GrantInvalid => {
            "Lead the user to `/authorize` again. A code is good once and for a minute, a refresh token until it was \
             rotated, ended or taken back; either for the client that got it alone, with the same `redirect_uri` and \
             the `code_verifier` of its challenge."
        }
        R::AudienceMissing => {
            "Send `audience`, or give the tenant a default: `mintage tenant update --default-audience`."
        }
        R::AudienceUnknown => {
            "Compare letter by letter, the slash at the end too, with `mintage api list`; or make it: `mintage \
             api create`."
        }
        R::ClientGrantMissing => "Grant it: `mintage grant create --client … --api …`.",
        R::ThirdPartyRefused => {
            "Use a first-party client, or another API: third parties never get tokens for the Management API or \
             an API that signs with HS256."
        }
        R::AudienceNotGranted => {
            "Leave `audience` and `resource` away, or name the API that the user was asked about at `/authorize`; for \
             another one ask there anew."
        }
        R::ScopeMalformed => "Send each scope once, with one space between two and none at the ends.",
        R::ScopeNotGranted => {
            "Ask for fewer scopes, or grant those named: `mintage grant update --scope`, which replaces all."
        }
        R::TenantUnknown => {
            "Compare scheme, host and port of the request with the tenant's origins (`mintage tenant show`); \
             behind a proxy see that it keeps the host."
        }
        R::NotFound => {
            "See what there is: `mintage client list` and its like for tenants, APIs, grants and keys; with \
             `--tenant` where it is another's."
        }
        R::Conflict => "Look at what is there already, and change it or choose another name. Of a key ring: try again.",
        R::LimitReached => {
            "The limit is named: remove what is no longer used, or ask for less. If a token is too large, for \
             fewer scopes or claims."
        }
        R::SystemObject => "Leave it: the system needs it as it is.",
        R::KeyNotReady => {
            "Wait until the instant named, or let `mintage key rotate` wait; `mintage key status` shows which watchers \
             of the key set have not acknowledged the key. With `--now-danger` it signs at once, and verifiers that do \
             not know it refuse its tokens for a while."
        }
        R::StateRefused => "See what state it is in: `mintage key status`, and with `--all` `mintage key list`.",
        R::Unauthenticated => {
            "Get a new token for the audience `urn:mintage:management` with the operator's client; `mintage` does \
             so by itself: check `OPERATOR_CLIENT_ID` and `OPERATOR_CLIENT_SECRET`."
        }
        R::InsufficientScope => {
            "Grant the operator's own client the scopes named, with `mintage grant update`: what [the method asks \
             for](access.md), or what the client that it is about has or is to get."
        }
        R::MethodRefused => {
            "See [who may call it](access.md). Another tenant's objects are open to operators of tenant `default` \
             only."
        }
        R::SignInRefused => {
            "Type e-mail address and password again; an operator sets another one (`mintage user set-password`) and \
             sees whether the user is blocked (`mintage user show`)."
        }
        R::InteractionOver => {
            "Begin again at the application: a page is answered once, in the browser that it was for."
        }
        R::RegistrationRefused => {
            "An initial access token, or the registration's own, goes into the `Authorization` header: \
             `mintage tenant initial-access-token` makes one."
        }
        R::RegistrationOff => {
            "Ask an operator to make the client, or to let clients register: `mintage tenant update \
             --dynamic-registration`."
        }
        R::TemporarilyUnavailable => {
            "Try again, after `Retry-After` if there is one. If it stays, see whether every service and database \
             runs."
        }
        R::Internal => "Read the server's log at that time: it names the cause, which is never told to callers.",
    }
}

/// About a refusal of the edge.
pub(super) const fn of_refusal(refusal: &Refusal) -> &'static str {
    use Refusal as R;
    match refusal {
        R::NothingHere => of_reason(ErrorReason::TenantUnknown),
        R::HostUnreadable => "Send one `Host` header with a host name.",
        R::ForwardingUnreadable { .. } => {
            "See that the proxy sets the header itself, once: [`trusted_proxies`](config.md#edge-of-edge)."
        }
        R::MethodNotAllowed => "Use the method that `Allow` names: POST for `/oauth/token`.",
        R::ParameterInQuery { .. } => "Send it in the body. If it was a secret, replace it: it stands in logs.",
        R::MediaTypeUnsupported => "Send `Content-Type: application/x-www-form-urlencoded` or JSON, not compressed.",
        R::JsonExpected => "Send `Content-Type: application/json`, not compressed.",
        R::QueryTooLong => "Send less: what is asked for fits into a few thousand bytes.",
        R::BodyTooLarge => "Send less; the bound is [`max_body_bytes`](config.md#edge-of-edge).",
        R::BodyTooSlow => "Look at the network between; the bound is [`body_timeout`](config.md#edge-of-edge).",
        R::BodyUnreadable => "See that the body is what `Content-Type` says, percent-encoded as a form or valid JSON.",
        R::TooManyParameters => "Send only what a token request needs.",
        R::ParameterMissing { .. } => of_reason(ErrorReason::ParameterMissing),
        R::ParameterInvalid { .. } => of_reason(ErrorReason::ParameterInvalid),
        R::ParameterRepeated { .. } => of_reason(ErrorReason::ParameterRepeated),
        R::ClientUnnamed => "Send `client_id` and `client_secret`, in the body or as HTTP Basic.",
        R::ClientAuthenticationFailed => of_reason(ErrorReason::ClientAuthenticationFailed),
        R::ClientAuthenticationAmbiguous => of_reason(ErrorReason::ClientAuthenticationAmbiguous),
        R::TooManyAttempts { .. } => of_reason(ErrorReason::TooManyAttempts),
        R::TooManyRequests { .. } => {
            "Wait as long as the answer says. [What registers itself is bounded](../guides/third-party-apps.md#applications-\
             that-register-themselves)."
        }
        R::GrantTypeUnsupported => of_reason(ErrorReason::GrantTypeUnsupported),
        R::GrantTypeNotAllowed { .. } => of_reason(ErrorReason::GrantTypeNotAllowed),
        R::GrantInvalid { .. } => of_reason(ErrorReason::GrantInvalid),
        R::AudienceMissing => of_reason(ErrorReason::AudienceMissing),
        R::AudienceAmbiguous => "Ask for one API in a request, and for the next in another.",
        R::AudienceUnknown { .. } => of_reason(ErrorReason::AudienceUnknown),
        R::ClientGrantMissing { .. } => of_reason(ErrorReason::ClientGrantMissing),
        R::ThirdPartyRefused { .. } => of_reason(ErrorReason::ThirdPartyRefused),
        R::AudienceNotGranted { .. } => of_reason(ErrorReason::AudienceNotGranted),
        R::ScopeNotText => "Send it as a string, or in JSON as an array of strings.",
        R::ScopeMalformed => of_reason(ErrorReason::ScopeMalformed),
        R::ScopeNotGranted { .. } => of_reason(ErrorReason::ScopeNotGranted),
        R::TokenTooLong => "Ask for fewer scopes, or map fewer claims: `mintage api update`, `mintage client update`.",
        R::CrossSite => "Send the form from the page that it stands on: browsers say from where it comes.",
        R::InteractionOver => of_reason(ErrorReason::InteractionOver),
        R::SignInRefused => of_reason(ErrorReason::SignInRefused),
        R::Unauthenticated => "Send an access token that is good still and was issued for this: get a new one.",
        R::InsufficientScope { .. } => "Ask for the scope at `/authorize`, and get a token that carries it.",
        R::ObjectUnknown => of_reason(ErrorReason::NotFound),
        R::RegistrationRefused => of_reason(ErrorReason::RegistrationRefused),
        R::RegistrationOff => of_reason(ErrorReason::RegistrationOff),
        R::MetadataRefused { .. } => "Correct the member; the rule it breaks is named.",
        R::TemporarilyUnavailable { .. } => of_reason(ErrorReason::TemporarilyUnavailable),
        R::Internal => of_reason(ErrorReason::Internal),
    }
}
