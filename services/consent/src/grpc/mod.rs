//! The door in: one RPC a file, read, decided by the domain, written down, answered.
//!
//! - [`Desk`] is what every RPC works with; `status` is every refusal on the wire, `told` what the log hears and
//!   `counted` what is counted. `id_token_hint` reads whom a client means, `placing` finds what users granted.
//! - `authorization` leads a browser through a request; `redemption` is what the token service asks for.
//! - `sessions` are the user's own pages and the userinfo endpoint; `users` and `user_grants` are for operators.

mod authorization;
mod convert;
mod counted;
mod desk;
mod id_token_hint;
mod joined;
mod placing;
mod redemption;
mod sessions;
mod signing_in;
mod status;
mod told;
mod user_grants;
mod users;

use std::sync::Arc;

pub(crate) use desk::{BEGINNINGS, Desk};
use mintage_api::consent::authorization_service_server::AuthorizationServiceServer;
use mintage_api::consent::redemption_service_server::RedemptionServiceServer;
use mintage_api::consent::session_service_server::SessionServiceServer;
use mintage_api::consent::user_grant_service_server::UserGrantServiceServer;
use mintage_api::consent::user_service_server::UserServiceServer;
use mintage_chassis::Routes;

/// The services, not yet guarded.
pub(crate) fn routes(desk: Arc<Desk>) -> Routes {
    Routes::new(AuthorizationServiceServer::new(authorization::Authorizations::new(Arc::clone(&desk))))
        .add_service(RedemptionServiceServer::new(redemption::Redemptions::new(Arc::clone(&desk))))
        .add_service(SessionServiceServer::new(sessions::Sessions::new(Arc::clone(&desk))))
        .add_service(UserServiceServer::new(users::Users::new(Arc::clone(&desk))))
        .add_service(UserGrantServiceServer::new(user_grants::UserGrants::new(desk)))
}
