//! What comes next, as messages.

use mintage_api::consent as wire;
use mintage_api::consent::step::Next;

use crate::domain::answer::{Answer, ResponseMode};
use crate::domain::secret::HandedOut;
use crate::domain::user::User;
use crate::grpc::told;

/// What comes next, and what the browser holds from now on.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) next: Going,
    /// A new browser token.
    pub(super) browser: Option<HandedOut>,
    /// A new session token.
    pub(super) session: Option<HandedOut>,
    /// By what the user is known there from now on.
    pub(super) known: Option<HandedOut>,
}

/// Where a browser goes.
#[derive(Debug)]
pub(in crate::grpc) enum Going {
    Back(Answer),
    SignIn(HandedOut),
    Consent(HandedOut),
    Home,
    /// To the client only by the user's own will.
    Refused(Box<Refused>),
    ClientUnknown,
    RedirectUriMismatch,
}

/// What the user is told before a client hears that it gets nothing.
#[derive(Debug)]
pub(in crate::grpc) struct Refused {
    pub(super) answer: Answer,
    pub(super) application: wire::Application,
    /// Whether the user said no.
    pub(super) by_user: bool,
    pub(super) ui_locales: String,
}

impl Going {
    /// With nothing new to hold.
    pub(super) const fn alone(self) -> Step {
        Step { next: self, browser: None, session: None, known: None }
    }
}

impl From<Step> for wire::Step {
    fn from(step: Step) -> Self {
        let Step { next, browser, session, known } = step;
        told::going(&next);
        let clear = |secret: Option<HandedOut>| secret.map(|secret| secret.expose().to_owned()).unwrap_or_default();
        let hold = wire::BrowserTokens { browser: clear(browser), session: clear(session), known: clear(known) };
        Self { hold: Some(hold), next: Some(next_of(next)) }
    }
}

fn next_of(going: Going) -> Next {
    let interaction = |handle: &HandedOut, page: wire::Page| {
        Next::Interaction(wire::Interaction { handle: handle.expose().to_owned(), page: page.into() })
    };
    let problem = |reason: wire::ProblemReason| Next::Problem(wire::Problem { reason: reason.into() });
    match going {
        Going::Back(answer) => Next::Redirection(redirection(answer)),
        Going::SignIn(handle) => interaction(&handle, wire::Page::SignIn),
        Going::Consent(handle) => interaction(&handle, wire::Page::Consent),
        Going::Home => Next::Home(wire::Home {}),
        Going::Refused(refused) => {
            let Refused { answer, application, by_user, ui_locales } = *refused;
            let (redirection, application) = (Some(redirection(answer)), Some(application));
            Next::Refused(wire::Refused { redirection, application, by_user, ui_locales })
        }
        Going::ClientUnknown => problem(wire::ProblemReason::ClientUnknown),
        Going::RedirectUriMismatch => problem(wire::ProblemReason::RedirectUriMismatch),
    }
}

fn redirection(answer: Answer) -> wire::Redirection {
    let Answer { redirect_uri, mode, parameters, ticket } = answer;
    let mode = match mode {
        ResponseMode::Query => wire::ResponseMode::Query,
        ResponseMode::Fragment => wire::ResponseMode::Fragment,
        ResponseMode::FormPost => wire::ResponseMode::FormPost,
    };
    let parameter = |(name, value): (&str, String)| wire::Parameter { name: name.to_owned(), value };
    wire::Redirection {
        redirect_uri,
        mode: mode.into(),
        parameters: parameters.into_iter().map(parameter).collect(),
        front_channel_ticket: ticket,
    }
}

/// A user as it is shown itself.
pub(crate) fn person_of(user: &User) -> wire::Person {
    wire::Person { name: user.name.as_str().to_owned(), email: user.email.as_str().to_owned() }
}
