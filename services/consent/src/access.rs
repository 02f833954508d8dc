//! Who may call which method of the consent service.

use mintage_chassis::ServiceName;
use mintage_chassis::access::{Caller, Row};

/// One row a method; a method without a row is refused. Methods that name another tenant ask besides that the operator be
/// of tenant `default`.
pub const ACCESS: &[Row] = &[
    edge("/mintage.consent.v1.AuthorizationService/BeginAuthorization"),
    edge("/mintage.consent.v1.AuthorizationService/BeginSignIn"),
    edge("/mintage.consent.v1.AuthorizationService/GetInteraction"),
    edge("/mintage.consent.v1.AuthorizationService/SignIn"),
    edge("/mintage.consent.v1.AuthorizationService/SwitchUser"),
    edge("/mintage.consent.v1.AuthorizationService/Decide"),
    edge("/mintage.consent.v1.SessionService/GetSession"),
    edge("/mintage.consent.v1.SessionService/ListOwnGrants"),
    edge("/mintage.consent.v1.SessionService/RevokeOwnGrant"),
    edge("/mintage.consent.v1.SessionService/EndSession"),
    edge("/mintage.consent.v1.SessionService/GetUserInfo"),
    token("/mintage.consent.v1.RedemptionService/RedeemAuthorizationCode"),
    token("/mintage.consent.v1.RedemptionService/RedeemRefreshToken"),
    token("/mintage.consent.v1.RedemptionService/RedeemPassword"),
    token("/mintage.consent.v1.RedemptionService/RedeemFrontChannelTicket"),
    token("/mintage.consent.v1.RedemptionService/RevokeRefreshToken"),
    operator("/mintage.consent.v1.UserService/CreateUser", &["create:users"]),
    operator("/mintage.consent.v1.UserService/GetUser", &["read:users"]),
    operator("/mintage.consent.v1.UserService/ListUsers", &["read:users"]),
    operator("/mintage.consent.v1.UserService/UpdateUser", &["update:users"]),
    operator("/mintage.consent.v1.UserService/SetPassword", &["update:users"]),
    operator("/mintage.consent.v1.UserService/DeleteUser", &["delete:users"]),
    operator("/mintage.consent.v1.UserGrantService/ListUserGrants", &["read:grants"]),
    operator("/mintage.consent.v1.UserGrantService/DeleteUserGrant", &["delete:grants"]),
    operator("/mintage.consent.v1.UserGrantService/DeleteUserGrants", &["delete:grants"]),
];

const fn edge(method: &'static str) -> Row {
    Row { method, caller: Caller::Services(&[ServiceName::EDGE]) }
}

const fn token(method: &'static str) -> Row {
    Row { method, caller: Caller::Services(&[ServiceName::TOKEN]) }
}

const fn operator(method: &'static str, any_of: &'static [&'static str]) -> Row {
    Row { method, caller: Caller::Operator { any_of } }
}
