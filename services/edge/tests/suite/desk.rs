//! A stand-in for the consent service: it answers what a test tells it to, and remembers what it was asked.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use mintage_api::consent::authorization_service_server::AuthorizationService;
use mintage_api::consent::session_service_server::SessionService;
use mintage_api::consent::step::Next;
use mintage_api::consent::{
    Api, Application, BeginAuthorizationRequest, BeginAuthorizationResponse, BeginSignInRequest, BeginSignInResponse,
    BrowserTokens, DecideRequest, DecideResponse, EndSessionRequest, EndSessionResponse, GetInteractionRequest,
    GetInteractionResponse, GetSessionRequest, GetSessionResponse, GetUserInfoRequest, GetUserInfoResponse, Home,
    Interaction, ListOwnGrantsRequest, ListOwnGrantsResponse, Page, Parameter, Person, Redirection, Refused,
    ResponseMode, RevokeOwnGrantRequest, RevokeOwnGrantResponse, ScopeChoice, SignInRequest, SignInResponse, Step,
    SwitchUserRequest, SwitchUserResponse,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::source;
use mintage_chassis::status::refusal;
use tonic::{Code, Request, Response, Status};

/// What a call is answered with, and the calls that were.
pub struct Call<Q, A> {
    answer: Mutex<Arc<Answer<Q, A>>>,
    asked: Mutex<Vec<Q>>,
    source: Mutex<Option<IpAddr>>,
}

type Answer<Q, A> = dyn Fn(&Q) -> Result<A, Status> + Send + Sync;

impl<Q: Clone, A> Default for Call<Q, A> {
    fn default() -> Self {
        let nothing = |_: &Q| Err(refusal(Code::NotFound, ErrorReason::InteractionOver, "", &[]));
        Self { answer: Mutex::new(Arc::new(nothing)), asked: Mutex::default(), source: Mutex::default() }
    }
}

impl<Q: Clone, A> Call<Q, A> {
    pub fn with(&self, answer: impl Fn(&Q) -> Result<A, Status> + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }

    pub fn last(&self) -> Q {
        self.asked.lock().unwrap().last().expect("it was asked").clone()
    }

    /// Where the last call came from in the first place.
    pub fn source(&self) -> Option<IpAddr> {
        *self.source.lock().unwrap()
    }

    pub fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub fn take(&self, request: Request<Q>) -> Result<Response<A>, Status> {
        *self.source.lock().unwrap() = source::of(&request);
        let request = request.into_inner();
        self.asked.lock().unwrap().push(request.clone());
        let answer = Arc::clone(&self.answer.lock().unwrap());
        answer(&request).map(Response::new)
    }
}

/// The consent service.
#[derive(Default)]
pub struct Desk {
    pub begin: Call<BeginAuthorizationRequest, BeginAuthorizationResponse>,
    pub begin_sign_in: Call<BeginSignInRequest, BeginSignInResponse>,
    pub interaction: Call<GetInteractionRequest, GetInteractionResponse>,
    pub sign_in: Call<SignInRequest, SignInResponse>,
    pub switch_user: Call<SwitchUserRequest, SwitchUserResponse>,
    pub decide: Call<DecideRequest, DecideResponse>,
    pub session: Call<GetSessionRequest, GetSessionResponse>,
    pub grants: Call<ListOwnGrantsRequest, ListOwnGrantsResponse>,
    pub revoke: Call<RevokeOwnGrantRequest, RevokeOwnGrantResponse>,
    pub end: Call<EndSessionRequest, EndSessionResponse>,
    pub user_info: Call<GetUserInfoRequest, GetUserInfoResponse>,
}

impl Desk {
    /// Leads every authorization request to `step`.
    pub fn leads_to(&self, step: Step) {
        self.begin.with(move |_| Ok(BeginAuthorizationResponse { step: Some(step.clone()) }));
    }

    /// Shows `shown` for every interaction.
    pub fn shows(&self, shown: GetInteractionResponse) {
        self.interaction.with(move |_| Ok(shown.clone()));
    }

    /// How often something was to be done: signed in, decided, switched, revoked, ended.
    pub fn deeds(&self) -> usize {
        let of_interactions = self.sign_in.count() + self.decide.count() + self.switch_user.count();
        of_interactions + self.revoke.count() + self.end.count()
    }
}

#[tonic::async_trait]
impl AuthorizationService for Desk {
    async fn begin_authorization(
        &self,
        request: Request<BeginAuthorizationRequest>,
    ) -> Result<Response<BeginAuthorizationResponse>, Status> {
        self.begin.take(request)
    }

    async fn begin_sign_in(
        &self,
        request: Request<BeginSignInRequest>,
    ) -> Result<Response<BeginSignInResponse>, Status> {
        self.begin_sign_in.take(request)
    }

    async fn get_interaction(
        &self,
        request: Request<GetInteractionRequest>,
    ) -> Result<Response<GetInteractionResponse>, Status> {
        self.interaction.take(request)
    }

    async fn sign_in(&self, request: Request<SignInRequest>) -> Result<Response<SignInResponse>, Status> {
        self.sign_in.take(request)
    }

    async fn switch_user(&self, request: Request<SwitchUserRequest>) -> Result<Response<SwitchUserResponse>, Status> {
        self.switch_user.take(request)
    }

    async fn decide(&self, request: Request<DecideRequest>) -> Result<Response<DecideResponse>, Status> {
        self.decide.take(request)
    }
}

#[tonic::async_trait]
impl SessionService for Desk {
    async fn get_session(&self, request: Request<GetSessionRequest>) -> Result<Response<GetSessionResponse>, Status> {
        self.session.take(request)
    }

    async fn list_own_grants(
        &self,
        request: Request<ListOwnGrantsRequest>,
    ) -> Result<Response<ListOwnGrantsResponse>, Status> {
        self.grants.take(request)
    }

    async fn revoke_own_grant(
        &self,
        request: Request<RevokeOwnGrantRequest>,
    ) -> Result<Response<RevokeOwnGrantResponse>, Status> {
        self.revoke.take(request)
    }

    async fn end_session(&self, request: Request<EndSessionRequest>) -> Result<Response<EndSessionResponse>, Status> {
        self.end.take(request)
    }

    async fn get_user_info(
        &self,
        request: Request<GetUserInfoRequest>,
    ) -> Result<Response<GetUserInfoResponse>, Status> {
        self.user_info.take(request)
    }
}

/// A step that leads to `next` and gives the browser nothing to hold.
pub fn step(next: Next) -> Step {
    Step { hold: None, next: Some(next) }
}

/// A step that gives the browser `browser` and `session` to hold.
pub fn holding(browser: &str, session: &str, next: Next) -> Step {
    let hold = BrowserTokens { browser: browser.to_owned(), session: session.to_owned(), known: String::new() };
    Step { hold: Some(hold), next: Some(next) }
}

pub const fn home() -> Next {
    Next::Home(Home {})
}

pub fn at(page: Page) -> Next {
    Next::Interaction(Interaction { handle: HANDLE.to_owned(), page: page.into() })
}

/// An answer for the client at [`CALLBACK`].
pub fn answer(mode: ResponseMode, parameters: &[(&str, &str)]) -> Redirection {
    let parameter = |(name, value): &(&str, &str)| Parameter { name: (*name).into(), value: (*value).into() };
    Redirection {
        redirect_uri: CALLBACK.to_owned(),
        mode: mode.into(),
        parameters: parameters.iter().map(parameter).collect(),
        front_channel_ticket: String::new(),
    }
}

/// A refusal that a third party is to hear.
pub fn refused(mode: ResponseMode, by_user: bool) -> Next {
    let error = if by_user { "access_denied" } else { "invalid_scope" };
    let said = [("error", error), ("error_description", "there is no scope CALL-0800"), ("state", "a&b"), ("iss", "i")];
    Next::Refused(Refused {
        redirection: Some(answer(mode, &said)),
        application: Some(application()),
        by_user,
        ui_locales: String::new(),
    })
}

/// A third party that asks for something of everything.
pub fn consent_asked() -> GetInteractionResponse {
    let scope = |value: &str, description: &str, optional, granted| ScopeChoice {
        value: value.to_owned(),
        description: description.to_owned(),
        optional,
        granted,
        declined: false,
    };
    GetInteractionResponse {
        page: Page::Consent.into(),
        csrf_token: CSRF.to_owned(),
        shown: SHOWN.to_owned(),
        application: Some(application()),
        person: Some(person()),
        api: Some(Api { identifier: "https://api.example/".into(), name: "Post Office".into() }),
        scopes: vec![
            scope("read:messages", "", false, false),
            scope("write:messages", "", false, false),
            scope("send:mail", "Send mail in your name", false, false),
            scope("read:contacts", "See your contacts", true, false),
            scope("delete:messages", "", true, false),
            scope("read:profile", "See your profile", false, true),
        ],
        ..GetInteractionResponse::default()
    }
}

/// A sign-in on behalf of the same third party.
pub fn sign_in_asked() -> GetInteractionResponse {
    GetInteractionResponse {
        page: Page::SignIn.into(),
        csrf_token: CSRF.to_owned(),
        application: Some(application()),
        ..GetInteractionResponse::default()
    }
}

pub fn application() -> Application {
    Application {
        client_id: "tpc_sheets".into(),
        name: "Sheets".into(),
        owner: "Sheets Ltd".into(),
        is_third_party: true,
        client_uri: "https://sheets.example/".into(),
        logo_uri: "https://sheets.example/logo.png".into(),
        policy_uri: "https://sheets.example/privacy".into(),
        tos_uri: String::new(),
        destination: "https://sheets.example".into(),
        registered_itself: false,
    }
}

pub fn person() -> Person {
    Person { name: "Ada".into(), email: "ada@example.com".into() }
}

pub const HANDLE: &str = "int_handle";
pub const SHOWN: &str = "word-of-the-page";
pub const CSRF: &str = "csrf-of-the-page";
pub const CALLBACK: &str = "https://sheets.example/callback";
