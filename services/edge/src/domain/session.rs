//! A user's own pages, and the end of a session.

use mintage_clock::Timestamp;
use mintage_oauth::RedirectUri;

use super::{Api, Application, Person, ScopeChoice};

/// Who is signed in.
#[derive(Clone)]
pub struct Session {
    /// The user.
    pub person: Person,
    /// Goes back with whatever the user does.
    pub csrf_token: String,
}

/// An application that the user gave access.
#[derive(Clone, Debug)]
pub struct OwnGrant {
    /// Names it.
    pub id: String,
    /// Absent: the client is gone.
    pub application: Option<Application>,
    /// Absent: the API is gone, or there was none.
    pub api: Option<Api>,
    /// What it may.
    pub scopes: Vec<ScopeChoice>,
    /// Since when.
    pub created_at: Option<Timestamp>,
    /// Whether the tenant stopped the client.
    pub is_stopped: bool,
    /// When tokens were last issued by it; absent: never.
    pub last_used_at: Option<Timestamp>,
}

/// A client's wish that a session ends (OpenID Connect RP-Initiated Logout 1.0 section 2); absent is empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LogoutRequest {
    /// An ID token of the session.
    pub id_token_hint: String,
    /// The client.
    pub client_id: String,
    /// Where the browser shall go.
    pub post_logout_redirect_uri: String,
    /// Echoed there.
    pub state: String,
}

/// What became of a wish to end a session.
#[derive(Clone)]
pub enum Logout {
    /// The user must say so.
    Confirm {
        /// Goes back with the answer.
        csrf_token: String,
    },
    /// It ended, and the browser goes there, with the `state` of the request.
    Leave(RedirectUri),
    /// It ended.
    Done,
}

/// What an access token tells of its user (OpenID Connect Core 1.0 section 5.3.2).
#[derive(Clone)]
pub struct UserInfo {
    /// `sub`.
    pub user_id: String,
    /// `name`.
    pub name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `email_verified`.
    pub email_verified: Option<bool>,
    /// `updated_at`.
    pub updated_at: Option<Timestamp>,
}
