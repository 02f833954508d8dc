//! `GET` and `POST /u/consent`: whether the user agrees.

use std::sync::Arc;

use ::http::StatusCode;
use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use mintage_oauth::HttpsUri;

use super::destination::Destination;
use super::frame::{Frame, Policy, page};
use super::next::{After, go, lead, own_pages, path_of};
use super::own_form::Fields;
use super::problem::over;
use super::scopes::{lines, name_of};
use super::sign_in::{elsewhere, interaction_at};
use super::texts::Phrase;
use super::{Texts, Visit, receive};
use crate::domain::{Api, Application, Decision, Interaction, Next, Page, Person, Refusal, ScopeChoice};
use crate::http::{Http, address};

/// Shows the page.
pub(in crate::http) async fn show(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, _| {
        let (handle, interaction) = interaction_at(&visit).await?;
        match interaction.page {
            Some(Page::Consent) => written(&visit, &handle, &interaction),
            Some(other) => elsewhere(other, &handle),
            None => over(&visit, &interaction),
        }
    })
    .await
}

/// Takes the answer.
pub(in crate::http) async fn take(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |visit, body| take_from(&visit, body).await).await
}

async fn take_from(visit: &Visit, body: Body) -> Result<Response, Refusal> {
    let fields = Fields::take_own(visit, body).await?;
    let key = fields.interaction()?;
    let decision = match fields.one("decision")?.as_str() {
        "allow" => {
            let scopes = fields.all("scope").map(str::to_owned).collect();
            Decision::Approve { scopes, shown: fields.one("shown")? }
        }
        "refuse" => Decision::Refuse,
        _ => return Err(Refusal::ParameterMissing { parameter: "decision".into() }),
    };
    let handle = key.handle.clone();
    let step = match visit.http.authorizations.decide(&visit.tenant, &visit.browser, key, decision).await {
        Err(Refusal::InteractionOver) => return elsewhere(Page::Consent, &handle),
        decided => decided?,
    };
    match step.next {
        Next::Page { handle, page: page @ Page::Consent } => {
            go(&format!("{}?{}", path_of(page), address::query([("interaction", &*handle), (CHANGED, "1")])))
        }
        _ => lead(visit, step, After::Form).await,
    }
}

fn written(visit: &Visit, handle: &str, interaction: &Interaction) -> Result<Response, Refusal> {
    let Some(application) = &interaction.application else {
        tracing::error!("the consent service did not say who asks");
        return Err(Refusal::Internal);
    };
    let texts = visit.texts_for(&interaction.ui_locales);
    let frame = Frame::in_words(&visit.tenant, texts);
    // A third party's picture is not asked for: it would tell the third party who looks, before the user has said yes.
    let picture = application.logo_uri.as_ref().filter(|_| !application.is_third_party);
    let policy = Policy { pictures: [frame.logo, picture], ..frame.policy() };
    let those = |wanted: fn(&ScopeChoice) -> bool| interaction.scopes.iter().filter(move |scope| wanted(scope));
    let template = ConsentPage {
        t: texts,
        frame,
        handle,
        csrf_token: &interaction.csrf_token,
        shown: &interaction.shown,
        changed: visit.parameter(CHANGED).is_some(),
        asked_each_time: interaction.asked_each_time,
        application,
        picture: picture.map(HttpsUri::as_str),
        initial: application.name.chars().find(|letter| letter.is_alphanumeric()).unwrap_or('?'),
        goes_next: if application.is_third_party { &texts.goes_next_if_allowed } else { &texts.goes_next },
        destination: Destination::of(&application.destination),
        person: interaction.person.as_ref(),
        api: interaction.api.as_ref().map(name_of_api),
        required: lines(those(|scope| !scope.granted && !scope.optional), texts),
        optional: choices(those(|scope| !scope.granted && scope.optional), texts),
        granted: lines(those(|scope| scope.granted && !scope.optional), texts),
        granted_optional: choices(those(|scope| scope.granted && scope.optional), texts),
        applications: own_pages(texts, &interaction.ui_locales),
    };
    page(&template, StatusCode::OK, &policy)
}

/// Scopes that the user may leave out: whatever is not sent back counts as left out, whether it was granted before or not.
fn choices<'a>(scopes: impl Iterator<Item = &'a ScopeChoice>, texts: &Texts) -> Vec<Choice<'a>> {
    scopes.map(|scope| Choice { value: &scope.value, text: name_of(scope, texts), ticked: !scope.declined }).collect()
}

/// What an API is called where people read it.
pub(super) fn name_of_api(api: &Api) -> &str {
    if api.name.is_empty() { &api.identifier } else { &api.name }
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    frame: Frame<'a>,
    t: &'static Texts,
    handle: &'a str,
    csrf_token: &'a str,
    shown: &'a str,
    /// Whether it says something else than when it was answered.
    changed: bool,
    asked_each_time: bool,
    application: &'a Application,
    picture: Option<&'a str>,
    initial: char,
    goes_next: &'static Phrase,
    destination: Destination,
    person: Option<&'a Person>,
    api: Option<&'a str>,
    required: Vec<String>,
    optional: Vec<Choice<'a>>,
    granted: Vec<String>,
    granted_optional: Vec<Choice<'a>>,
    applications: String,
}

/// A scope that the user may leave out.
struct Choice<'a> {
    value: &'a str,
    text: String,
    /// Unless it was left out when asked before.
    ticked: bool,
}

/// In the address of a page that is shown again.
const CHANGED: &str = "changed";
