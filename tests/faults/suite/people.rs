//! Users in front of browsers: an application sends them to consent, which is called as the edge calls it, and the edge
//! gives the application what they granted.

use std::net::SocketAddr;

use mintage_api::consent::authorization_service_client::AuthorizationServiceClient;
use mintage_api::consent::step::Next;
use mintage_api::consent::user_grant_service_client::UserGrantServiceClient;
use mintage_api::consent::user_service_client::UserServiceClient;
use mintage_api::consent::{
    BeginAuthorizationRequest, BrowserTokens, CreateUserRequest, DecideRequest, DeleteUserGrantRequest,
    GetInteractionRequest, GetInteractionResponse, Interaction, ListUserGrantsRequest, Page, Redirection,
    SignInRequest, Step,
};
use mintage_api::registry::{
    ClientType, ConsentPolicy, CreateClientRequest, CreateResourceServerRequest, Party, ScopeDefinition, ThirdParties,
    UserAccess,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::{ServiceName, Tasks, Transport};
use mintage_testkit::installation::{Installation, Post, get};
use serde_json::Value;
use tonic::Status;

use super::load::sibling;
use super::operator::{Bearer, Operator, public};

/// An application of a third party's, at an API that it may use for users who agree.
#[derive(Clone)]
pub(super) struct Application {
    client_id: String,
    issuer: String,
    /// The first edge.
    edge: SocketAddr,
}

/// A user in front of a browser.
pub(super) struct Person {
    pub(super) id: String,
    email: String,
    holds: BrowserTokens,
    consent: AuthorizationServiceClient<Transport>,
    _tasks: Tasks,
}

impl Application {
    /// A new one, at a new API with as many scopes as [`scope`] counts.
    pub(super) async fn register(installation: &Installation, operator: &Operator) -> Self {
        let of = |number| ScopeDefinition { value: scope(number), ..ScopeDefinition::default() };
        let api = CreateResourceServerRequest {
            identifier: API.to_owned(),
            name: "Notes".to_owned(),
            signing_algorithm: SigningAlgorithm::Es256.into(),
            scopes: (0..SCOPES).map(of).collect(),
            consent: Some(ConsentPolicy {
                third_parties: ThirdParties::Allowed.into(),
                allow_offline_access: true,
                ..ConsentPolicy::default()
            }),
            ..CreateResourceServerRequest::default()
        };
        operator.apis.clone().create_resource_server(api).await.expect("an API");
        let client = CreateClientRequest {
            name: "Notebook".to_owned(),
            party: Party::Third.into(),
            client_type: ClientType::Public.into(),
            grant_types: vec!["authorization_code".to_owned(), "refresh_token".to_owned()],
            user_access: Some(UserAccess { redirect_uris: vec![CALLBACK.to_owned()], ..UserAccess::default() }),
            ..CreateClientRequest::default()
        };
        let created = operator.clients.clone().create_client(client).await.expect("a client").into_inner();
        let client_id = created.client.expect("a client").client_id;
        let edge = installation.address(ServiceName::EDGE, 0, "http");
        Self { client_id, issuer: installation.operator("MINTAGE_ISSUER"), edge }
    }

    /// What a browser is answered that the application sends to the first edge.
    pub(super) fn visit(&self) -> String {
        let pairs = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", CALLBACK),
            ("audience", API),
            ("scope", &scope(0)),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        get(self.edge, &format!("/authorize?{}", form(&pairs))).0
    }

    /// Redeems a code at the first edge: its refresh token, or the error.
    pub(super) fn redeem(&self, code: &str) -> Result<String, String> {
        let code = [("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
        self.ask("authorization_code", &code)
    }

    /// Takes the next refresh token for one.
    pub(super) fn refresh(&self, token: &str) -> Result<String, String> {
        self.ask("refresh_token", &[("refresh_token", token)])
    }

    fn ask(&self, grant: &str, more: &[(&str, &str)]) -> Result<String, String> {
        let who = [("grant_type", grant), ("client_id", &self.client_id)];
        let (_, body) = Post::begin(self.edge, "/oauth/token", &form(&[&who, more].concat())).finish();
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        let word = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        if word("access_token").is_empty() { Err(word("error")) } else { Ok(word("refresh_token")) }
    }

    fn request(&self, scope: &str, browser: BrowserTokens) -> BeginAuthorizationRequest {
        BeginAuthorizationRequest {
            tenant_id: TENANT.to_owned(),
            issuer: self.issuer.clone(),
            browser: Some(browser),
            client_id: self.client_id.clone(),
            redirect_uri: CALLBACK.to_owned(),
            response_type: "code".to_owned(),
            scope: format!("{scope} offline_access"),
            audience: API.to_owned(),
            code_challenge: CHALLENGE.to_owned(),
            code_challenge_method: "S256".to_owned(),
            ..BeginAuthorizationRequest::default()
        }
    }
}

impl Person {
    /// A new user.
    pub(super) async fn new(installation: &Installation, email: &str) -> Self {
        let (bearer, channel) = (Bearer::of(installation), public(installation, ServiceName::CONSENT, 0));
        let user = CreateUserRequest {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            ..CreateUserRequest::default()
        };
        let created = UserServiceClient::with_interceptor(channel, bearer).create_user(user).await;
        let id = created.expect("a user").into_inner().user.expect("a user").id;
        let tasks = Tasks::new();
        let way = sibling(installation, installation.folder(), ServiceName::EDGE, ServiceName::CONSENT, &tasks);
        let consent = AuthorizationServiceClient::new(way);
        Self { id, email: email.to_owned(), holds: BrowserTokens::default(), consent, _tasks: tasks }
    }

    /// Lets the application have `scope`, signing in where that is asked: a code.
    pub(super) async fn grant(&mut self, application: &Application, scope: &str) -> Result<String, Status> {
        let asked = application.request(scope, self.holds.clone());
        let mut step = self.consent.begin_authorization(asked).await?.into_inner().step;
        for _ in 0..PAGES {
            match self.follow(step) {
                Next::Redirection(answer) => return Ok(code(&answer)),
                Next::Interaction(page) if page.page() == Page::SignIn => step = self.sign_in(page).await?,
                Next::Interaction(page) => step = self.agree(page).await?,
                other => panic!("{} is led elsewhere: {other:?}", self.email),
            }
        }
        panic!("{} is asked again and again", self.email)
    }

    async fn sign_in(&mut self, page: Interaction) -> Result<Option<Step>, Status> {
        let csrf_token = self.look(&page.handle).await?.csrf_token;
        let request = SignInRequest {
            tenant_id: TENANT.to_owned(),
            handle: page.handle,
            browser: Some(self.holds.clone()),
            csrf_token,
            email: self.email.clone(),
            password: PASSWORD.to_owned(),
        };
        Ok(self.consent.sign_in(request).await?.into_inner().step)
    }

    async fn agree(&mut self, page: Interaction) -> Result<Option<Step>, Status> {
        let GetInteractionResponse { csrf_token, scopes, shown, .. } = self.look(&page.handle).await?;
        let optional = scopes.into_iter().filter(|scope| scope.optional);
        let request = DecideRequest {
            tenant_id: TENANT.to_owned(),
            handle: page.handle,
            browser: Some(self.holds.clone()),
            csrf_token,
            approve: true,
            scopes: optional.map(|scope| scope.value).collect(),
            shown,
        };
        Ok(self.consent.decide(request).await?.into_inner().step)
    }

    /// What a page shows.
    async fn look(&mut self, handle: &str) -> Result<GetInteractionResponse, Status> {
        let browser = Some(self.holds.clone());
        let request = GetInteractionRequest { tenant_id: TENANT.to_owned(), handle: handle.to_owned(), browser };
        Ok(self.consent.get_interaction(request).await?.into_inner())
    }

    fn follow(&mut self, step: Option<Step>) -> Next {
        let Step { hold, next } = step.expect("a step");
        let hold = hold.unwrap_or_default();
        for (held, told) in [(&mut self.holds.browser, hold.browser), (&mut self.holds.session, hold.session)] {
            if !told.is_empty() {
                *held = told;
            }
        }
        next.expect("somewhere to go")
    }
}

/// Every scope that a user has granted.
pub(super) async fn granted(installation: &Installation, user_id: &str) -> Result<Vec<String>, Status> {
    let (bearer, channel) = (Bearer::of(installation), public(installation, ServiceName::CONSENT, 0));
    let request = ListUserGrantsRequest { user_id: user_id.to_owned(), ..ListUserGrantsRequest::default() };
    let listed = UserGrantServiceClient::with_interceptor(channel, bearer).list_user_grants(request).await?;
    Ok(listed.into_inner().user_grants.into_iter().flat_map(|grant| grant.scopes).collect())
}

/// Takes back, at one replica, everything that a user has granted.
pub(super) async fn take_back(installation: &Installation, replica: usize, user_id: &str) {
    let (bearer, channel) = (Bearer::of(installation), public(installation, ServiceName::CONSENT, replica));
    let mut grants = UserGrantServiceClient::with_interceptor(channel, bearer);
    let request = ListUserGrantsRequest { user_id: user_id.to_owned(), ..ListUserGrantsRequest::default() };
    for grant in grants.list_user_grants(request).await.expect("grants").into_inner().user_grants {
        let request = DeleteUserGrantRequest { id: grant.id, ..DeleteUserGrantRequest::default() };
        grants.delete_user_grant(request).await.expect("it is taken back");
    }
}

/// The scope of this number, which comes round again.
pub(super) fn scope(number: usize) -> String {
    format!("read:notebook-{}", number % SCOPES)
}

fn code(answer: &Redirection) -> String {
    let found = answer.parameters.iter().find(|parameter| parameter.name == "code");
    found.unwrap_or_else(|| panic!("no code: {answer:?}")).value.clone()
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

const TENANT: &str = "default";
const API: &str = "https://notes.test/";
const CALLBACK: &str = "https://app.test/callback";
const PASSWORD: &str = "correct horse battery";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SCOPES: usize = 50;
/// A sign-in, a consent, an answer; and one more, as a session may have ended.
const PAGES: usize = 4;
