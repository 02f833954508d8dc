//! What the consent service says, read: where a browser is sent to is taken for nothing but a redirect URI.

use mintage_api::consent::{self, step};
use mintage_oauth::HttpsUri;

use crate::clients::moment;
use crate::domain::{
    Api, Application, BrowserTokens, Interaction, Next, OwnGrant, Page, Person, Problem, Redirection, Refusal, Refused,
    ResponseMode, ScopeChoice, Step,
};

/// What a browser holds, for the service.
pub(super) fn told(browser: &BrowserTokens) -> Option<consent::BrowserTokens> {
    let BrowserTokens { browser, session, known } = browser.clone();
    Some(consent::BrowserTokens {
        browser: browser.unwrap_or_default(),
        session: session.unwrap_or_default(),
        known: known.unwrap_or_default(),
    })
}

/// What comes next.
pub(super) fn step_of(step: Option<consent::Step>) -> Result<Step, Refusal> {
    let consent::Step { hold, next } = step.ok_or_else(told_nothing)?;
    let consent::BrowserTokens { browser, session, known } = hold.unwrap_or_default();
    let hold = BrowserTokens { browser: some(browser), session: some(session), known: some(known) };
    let next = match next.ok_or_else(told_nothing)? {
        step::Next::Redirection(redirection) => Next::Client(redirection_of(redirection)?),
        step::Next::Interaction(interaction) => {
            let page = page_of(interaction.page())?;
            Next::Page { handle: interaction.handle, page }
        }
        step::Next::Problem(problem) => Next::Nowhere(problem_of(problem.reason())?),
        step::Next::Home(consent::Home {}) => Next::Home,
        step::Next::Refused(refused) => Next::Refused(Box::new(refused_of(refused)?)),
    };
    Ok(Step { hold, next })
}

/// What a page shows.
pub(super) fn interaction_of(response: consent::GetInteractionResponse) -> Result<Interaction, Refusal> {
    let page = match response.page() {
        consent::Page::Over => None,
        page => Some(page_of(page)?),
    };
    let consent::GetInteractionResponse {
        page: _,
        csrf_token,
        application,
        person,
        api,
        scopes,
        login_hint,
        ui_locales,
        expires_at: _,
        shown,
        asked_each_time,
    } = response;
    Ok(Interaction {
        page,
        csrf_token,
        application: application.map(application_of),
        person: person.map(person_of),
        api: api.map(api_of),
        scopes: scopes.into_iter().map(scope_of).collect(),
        shown,
        asked_each_time,
        login_hint,
        ui_locales,
    })
}

/// A grant; `None` for one without an id, which could not be taken away.
pub(super) fn grant_of(grant: consent::OwnGrant) -> Option<OwnGrant> {
    let consent::OwnGrant { grant, application, api, scopes, is_stopped } = grant;
    let consent::UserGrant { id, created_at, last_used_at, .. } = grant?;
    Some(OwnGrant {
        id: some(id)?,
        application: application.map(application_of),
        api: api.map(api_of),
        scopes: scopes.into_iter().map(scope_of).collect(),
        created_at: moment(created_at),
        is_stopped,
        last_used_at: moment(last_used_at),
    })
}

/// Who is signed in.
pub(super) fn person_of(person: consent::Person) -> Person {
    let consent::Person { name, email } = person;
    Person { name, email }
}

/// The service answered without what its contract promises.
pub(super) fn told_nothing() -> Refusal {
    tracing::error!("the consent service did not say what comes next");
    Refusal::Internal
}

/// A refusal brings the client nothing else.
fn refused_of(refused: consent::Refused) -> Result<Refused, Refusal> {
    let consent::Refused { redirection, application, by_user, ui_locales } = refused;
    let redirection = redirection_of(redirection.ok_or_else(told_nothing)?)?;
    let brings = |(name, _): &(String, String)| !matches!(&**name, "error" | "error_description" | "state" | "iss");
    if redirection.front_channel_ticket.is_some() || redirection.parameters.iter().any(brings) {
        return Err(told_nothing());
    }
    let application = application_of(application.ok_or_else(told_nothing)?);
    Ok(Refused { redirection, application, by_user, ui_locales })
}

fn redirection_of(redirection: consent::Redirection) -> Result<Redirection, Refusal> {
    let mode = match redirection.mode() {
        consent::ResponseMode::Query => ResponseMode::Query,
        consent::ResponseMode::Fragment => ResponseMode::Fragment,
        consent::ResponseMode::FormPost => ResponseMode::FormPost,
        consent::ResponseMode::Unspecified => return Err(told_nothing()),
    };
    let consent::Redirection { redirect_uri, mode: _, parameters, front_channel_ticket } = redirection;
    let parameters = parameters.into_iter().map(|consent::Parameter { name, value }| (name, value)).collect();
    Ok(Redirection {
        redirect_uri: redirect_uri.parse().map_err(|_| told_nothing())?,
        mode,
        parameters,
        front_channel_ticket: some(front_channel_ticket),
    })
}

fn page_of(page: consent::Page) -> Result<Page, Refusal> {
    match page {
        consent::Page::SignIn => Ok(Page::SignIn),
        consent::Page::Consent => Ok(Page::Consent),
        consent::Page::Unspecified | consent::Page::Over => Err(told_nothing()),
    }
}

fn problem_of(reason: consent::ProblemReason) -> Result<Problem, Refusal> {
    match reason {
        consent::ProblemReason::ClientUnknown => Ok(Problem::ClientUnknown),
        consent::ProblemReason::RedirectUriMismatch => Ok(Problem::RedirectUriMismatch),
        consent::ProblemReason::InteractionOver => Ok(Problem::InteractionOver),
        consent::ProblemReason::Unspecified => Err(told_nothing()),
    }
}

/// Addresses that are none are left out: nobody is sent there.
fn application_of(application: consent::Application) -> Application {
    let consent::Application {
        client_id,
        name,
        owner,
        is_third_party,
        client_uri,
        logo_uri,
        policy_uri,
        tos_uri,
        destination,
        registered_itself,
    } = application;
    let uri = |text: String| text.parse::<HttpsUri>().ok();
    Application {
        name: some(name).unwrap_or(client_id),
        owner,
        is_third_party,
        registered_itself,
        client_uri: uri(client_uri),
        logo_uri: uri(logo_uri),
        policy_uri: uri(policy_uri),
        tos_uri: uri(tos_uri),
        destination,
    }
}

fn api_of(api: consent::Api) -> Api {
    let consent::Api { identifier, name } = api;
    Api { identifier, name }
}

fn scope_of(scope: consent::ScopeChoice) -> ScopeChoice {
    let consent::ScopeChoice { value, description, optional, granted, declined } = scope;
    ScopeChoice { value, description, optional, granted, declined }
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
