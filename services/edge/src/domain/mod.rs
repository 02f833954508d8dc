//! The rules of the edge: what a request asks for, and why one is refused.
//!
//! - [`TokenRequest`] and [`RevocationRequest`] are made from [`Parameters`] and the [`Authorization`] header, whatever
//!   encoding they came in; [`ClientProof`] is who sent them.
//! - [`Refusal`] is every reason for which the edge does not answer as asked.
//! - [`Tenant`] is who answers: an issuer, and a [`Brand`] with its [`Colour`]. [`KeySet`] is what the tenant's tokens verify
//!   with.
//! - [`AuthorizationRequest`] is what a client asks of a user, [`Step`] what comes next for the browser, [`Interaction`] what
//!   a page of it shows, in a [`Language`]. [`Session`] and [`OwnGrant`] are the user's own pages.
//! - [`ClientMetadata`] is what a client says that registers itself.
//! - The traits are kept by the sibling services: [`TenantDirectory`], [`TokenIssuer`], [`TokenEnder`], [`KeySets`], [`Authorizations`],
//!   [`FrontChannelIssuer`], [`Sessions`], [`Registrations`].

mod authorization;
mod browser;
mod client_proof;
mod colour;
mod interaction;
mod key_set;
mod language;
mod parameters;
mod ports;
mod refusal;
mod registration;
mod revocation;
mod session;
mod step;
mod tenant;
mod token_request;

pub use authorization::AuthorizationRequest;
pub use browser::BrowserTokens;
pub use client_proof::{Authorization, ClientProof};
pub use colour::{Colour, ColourError};
pub use interaction::{Api, Application, Decision, Interaction, Person, ScopeChoice, SignIn};
pub use key_set::KeySet;
pub use language::Language;
pub use parameters::{Parameters, Value};
pub use ports::{
    Authorizations, FrontChannelIssuer, InteractionKey, KeySets, Registrations, Sessions, TenantDirectory, TokenEnder,
    TokenIssuer,
};
pub use refusal::Refusal;
pub use registration::{ClientMetadata, NewlyRegistered, Registered, RegistrationKey, RegistrationRequest};
pub use revocation::RevocationRequest;
pub use session::{Logout, LogoutRequest, OwnGrant, Session, UserInfo};
pub use step::{FrontChannel, Next, Page, Problem, Redirection, Refused, ResponseMode, Step};
pub use tenant::{Brand, Tenant};
pub use token_request::{Grant, IssuedToken, TokenRequest};
