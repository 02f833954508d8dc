//! A user, and a third party's application that asks for that user's consent.

use mintage_api::consent::user_service_client::UserServiceClient;
use mintage_api::consent::{CreateUserRequest, GetUserRequest, SetPasswordRequest};
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::{ClientType, CreateClientRequest, Party, UserAccess};
use mintage_chassis::Transport;
use mintage_clock::Randomness;
use tonic::{Code, Status};

use crate::setup::Setup;

/// The user of `demo.env`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct DemoUser {
    pub(super) email: String,
    pub(super) password: String,
}

/// The application of `demo.env`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DemoApp {
    pub(super) client_id: String,
}

/// Makes both, or finds what a start that was cut short has made of them.
pub(super) async fn create(registry: Transport, consent: Transport) -> Result<(DemoApp, DemoUser), Status> {
    Ok((app(registry).await?, user(consent).await?))
}

async fn app(registry: Transport) -> Result<DemoApp, Status> {
    if let Some(client_id) = Setup::new(registry.clone(), "").client_named(APP).await? {
        return Ok(DemoApp { client_id });
    }
    let request = CreateClientRequest {
        name: APP.to_owned(),
        party: Party::Third.into(),
        client_type: ClientType::Public.into(),
        grant_types: vec!["authorization_code".to_owned(), "refresh_token".to_owned()],
        user_access: Some(UserAccess {
            redirect_uris: vec![REDIRECT_URI.to_owned()],
            owner: "Example Partner".to_owned(),
            ..UserAccess::default()
        }),
        ..CreateClientRequest::default()
    };
    let created = ClientServiceClient::new(registry).create_client(request).await?.into_inner();
    Ok(DemoApp { client_id: created.client.unwrap_or_default().client_id })
}

async fn user(consent: Transport) -> Result<DemoUser, Status> {
    let password = Randomness::system().alphanumeric(PASSWORD_LENGTH);
    let mut users = UserServiceClient::new(consent);
    let request = CreateUserRequest {
        email: EMAIL.to_owned(),
        email_verified: true,
        name: "Demo User".to_owned(),
        password: password.clone(),
        ..CreateUserRequest::default()
    };
    match users.create_user(request).await {
        Err(status) if status.code() == Code::AlreadyExists => {
            let request = GetUserRequest { id: EMAIL.to_owned(), ..GetUserRequest::default() };
            let id = users.get_user(request).await?.into_inner().user.unwrap_or_default().id;
            let request = SetPasswordRequest { id, password: password.clone(), ..SetPasswordRequest::default() };
            users.set_password(request).await?;
        }
        made => drop(made?),
    }
    Ok(DemoUser { email: EMAIL.to_owned(), password })
}

const APP: &str = "Demo notebook";
/// On whatever port the application listens (RFC 8252 section 7.3).
pub(super) const REDIRECT_URI: &str = "http://127.0.0.1/callback";
const EMAIL: &str = "user@demo.mintage.test";
const PASSWORD_LENGTH: usize = 20;
