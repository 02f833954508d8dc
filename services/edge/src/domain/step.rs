//! What comes next for a browser.

use mintage_oauth::RedirectUri;

use super::{Application, BrowserTokens};

/// What comes next, as the consent service says it.
#[derive(Clone)]
pub struct Step {
    /// What the browser is to hold from now on; what is absent stays as it was.
    pub hold: BrowserTokens,
    /// Where it goes.
    pub next: Next,
}

/// Where a browser goes.
#[derive(Clone)]
pub enum Next {
    /// To the client, with the answer.
    Client(Redirection),
    /// To a page of an interaction.
    Page {
        /// Which interaction.
        handle: String,
        /// Which of its pages.
        page: Page,
    },
    /// Nowhere: the user is told why.
    Nowhere(Problem),
    /// To the user's own pages.
    Home,
    /// To the client, if the user wants to: it gets nothing.
    Refused(Box<Refused>),
}

/// A refusal for a client that the tenant does not vouch for (RFC 9700 section 4.11.2).
#[derive(Clone)]
pub struct Refused {
    /// What the client hears if the user goes there.
    pub redirection: Redirection,
    /// Who asked.
    pub application: Application,
    /// Whether the user said no.
    pub by_user: bool,
    /// In which languages the client would have it.
    pub ui_locales: String,
}

/// A page of an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Asks who the user is.
    SignIn,
    /// Asks whether the user agrees.
    Consent,
}

/// Why the user is told instead of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such client.
    ClientUnknown,
    /// The redirect URI is none of the client's.
    RedirectUriMismatch,
    /// The interaction has ended.
    InteractionOver,
}

/// An answer for the client (RFC 6749 section 4.1.2).
#[derive(Clone)]
pub struct Redirection {
    /// As the client registered it, or with another port of loopback.
    pub redirect_uri: RedirectUri,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// Names and values, in their order.
    pub parameters: Vec<(String, String)>,
    /// What to redeem for the tokens that go beside.
    pub front_channel_ticket: Option<String>,
}

/// How an answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the address.
    Query,
    /// In its fragment, which no server sees.
    Fragment,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// What goes to the client beside a code.
#[derive(Clone)]
pub struct FrontChannel {
    /// Names and values, as the response type asks for them.
    pub parameters: Vec<(String, String)>,
}
