//! What the pages of an interaction show.

use mintage_oauth::HttpsUri;

use super::Page;

/// An interaction as its page shows it.
#[derive(Clone)]
pub struct Interaction {
    /// Which page it is at; absent: it was answered.
    pub page: Option<Page>,
    /// Goes back with the answer.
    pub csrf_token: String,
    /// Who asks.
    pub application: Option<Application>,
    /// Who is signed in.
    pub person: Option<Person>,
    /// For what, on a consent page.
    pub api: Option<Api>,
    /// On a consent page.
    pub scopes: Vec<ScopeChoice>,
    /// What a consent page shows, as one word that goes back with the answer.
    pub shown: String,
    /// On a consent page: whether the user is asked each time, since another program on the device could pose as the client.
    pub asked_each_time: bool,
    /// Who the client thinks the user is.
    pub login_hint: String,
    /// In which languages the client would have it.
    pub ui_locales: String,
}

/// A client as a user is shown it.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its name, in its own words if it is a third party.
    pub name: String,
    /// Who stands behind it; empty: not told.
    pub owner: String,
    /// Whether the tenant does not stand behind it.
    pub is_third_party: bool,
    /// Whether it registered itself, so that nobody there looked at it.
    pub registered_itself: bool,
    /// Where more is said of it.
    pub client_uri: Option<HttpsUri>,
    /// Its picture.
    pub logo_uri: Option<HttpsUri>,
    /// What it does with what it learns.
    pub policy_uri: Option<HttpsUri>,
    /// Its terms.
    pub tos_uri: Option<HttpsUri>,
    /// Where the browser goes next: an origin, or the scheme of an application on this device.
    pub destination: String,
}

/// An API as a user is shown it.
#[derive(Clone, Debug)]
pub struct Api {
    /// The audience of its tokens.
    pub identifier: String,
    /// Its name; may be empty.
    pub name: String,
}

/// A user as the user is shown itself.
#[derive(Clone, Debug)]
pub struct Person {
    /// May be empty.
    pub name: String,
    /// The address it signs in with.
    pub email: String,
}

/// A scope to agree to.
#[derive(Clone, Debug)]
pub struct ScopeChoice {
    /// Its name.
    pub value: String,
    /// Empty: the API says nothing of it.
    pub description: String,
    /// Whether the user may leave it out.
    pub optional: bool,
    /// Whether the user agreed to it before.
    pub granted: bool,
    /// Whether the user left it out when asked before.
    pub declined: bool,
}

/// What a user says who it is by.
#[derive(Clone)]
pub struct SignIn {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// What a user says to a client's request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Approve {
        /// Those of the optional scopes that were left ticked.
        scopes: Vec<String>,
        /// The word of what the page showed.
        shown: String,
    },
    /// No.
    Refuse,
}
