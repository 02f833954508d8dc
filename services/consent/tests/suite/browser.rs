//! A browser: it keeps what it is told to hold, and goes where it is led.

#![expect(clippy::expect_used, clippy::panic, reason = "a step that leads elsewhere has failed the test")]

use mintage_api::consent::step::Next;
use mintage_api::consent::{
    BeginAuthorizationRequest, BrowserTokens, DecideRequest, GetInteractionRequest, GetInteractionResponse, Page,
    Redirection, Refused, SignInRequest, Step, SwitchUserRequest,
};
use mintage_chassis::Service;
use tonic::Status;

use crate::house::{CHALLENGE, House, PASSWORD, authorizations};
use crate::registry::{API, CALLBACK, ISSUER, third_party};

pub(crate) struct Browser<'a> {
    pub(crate) service: &'a Service,
    pub(crate) holds: BrowserTokens,
}

/// What a client asks for that knows what it does.
pub(crate) fn request(client: &str, scope: &str) -> BeginAuthorizationRequest {
    BeginAuthorizationRequest {
        tenant_id: "default".to_owned(),
        issuer: ISSUER.to_owned(),
        client_id: client.to_owned(),
        redirect_uri: CALLBACK.to_owned(),
        response_type: "code".to_owned(),
        scope: scope.to_owned(),
        state: "a state".to_owned(),
        audience: API.to_owned(),
        code_challenge: CHALLENGE.to_owned(),
        code_challenge_method: "S256".to_owned(),
        ..BeginAuthorizationRequest::default()
    }
}

impl<'a> Browser<'a> {
    pub(crate) fn at(service: &'a Service) -> Self {
        Self { service, holds: BrowserTokens::default() }
    }

    /// A new one, and a third party's new client that sends it here.
    pub(crate) fn sent_to(house: &'a House) -> (String, Self) {
        (house.registry.add(third_party()), Self::at(&house.service))
    }

    /// The same, and the handle of the page that asks for `read:notes`, where it stands.
    pub(crate) async fn asked_at(house: &'a House) -> (String, Self, String) {
        let (client, mut browser) = Self::sent_to(house);
        let handle = browser.led_to_consent(request(&client, "read:notes")).await;
        (client, browser, handle)
    }

    pub(crate) async fn begin(&mut self, request: BeginAuthorizationRequest) -> Next {
        let request = BeginAuthorizationRequest { browser: Some(self.holds.clone()), ..request };
        let answer = authorizations(self.service).begin_authorization(request).await.expect("an answer");
        self.follow(answer.into_inner().step)
    }

    pub(crate) async fn page(&self, handle: &str) -> Result<GetInteractionResponse, Status> {
        let request = GetInteractionRequest {
            tenant_id: "default".to_owned(),
            handle: handle.to_owned(),
            browser: Some(self.holds.clone()),
        };
        Ok(authorizations(self.service).get_interaction(request).await?.into_inner())
    }

    /// Signs `ada@example.org` in.
    pub(crate) async fn sign_in(&mut self, handle: &str) -> Next {
        self.sign_in_as(handle, "ada@example.org", PASSWORD).await.expect("a sign-in")
    }

    pub(crate) async fn sign_in_as(&mut self, handle: &str, email: &str, password: &str) -> Result<Next, Status> {
        let csrf_token = self.page(handle).await?.csrf_token;
        let request = SignInRequest {
            tenant_id: "default".to_owned(),
            handle: handle.to_owned(),
            browser: Some(self.holds.clone()),
            csrf_token,
            email: email.to_owned(),
            password: password.to_owned(),
        };
        let answer = authorizations(self.service).sign_in(request).await?;
        Ok(self.follow(answer.into_inner().step))
    }

    pub(crate) async fn switch_user(&mut self, handle: &str) -> Result<Next, Status> {
        let csrf_token = self.page(handle).await?.csrf_token;
        let request = SwitchUserRequest {
            tenant_id: "default".to_owned(),
            handle: handle.to_owned(),
            browser: Some(self.holds.clone()),
            csrf_token,
        };
        let answer = authorizations(self.service).switch_user(request).await?;
        Ok(self.follow(answer.into_inner().step))
    }

    /// What the user says on the page of `handle`.
    pub(crate) async fn answer(&self, handle: &str, approve: bool, ticked: &[&str]) -> Result<DecideRequest, Status> {
        let page = self.page(handle).await?;
        Ok(DecideRequest {
            tenant_id: "default".to_owned(),
            handle: handle.to_owned(),
            browser: Some(self.holds.clone()),
            csrf_token: page.csrf_token,
            approve,
            scopes: ticked.iter().map(ToString::to_string).collect(),
            shown: page.shown,
        })
    }

    pub(crate) async fn decide(&mut self, request: DecideRequest) -> Result<Next, Status> {
        let answer = authorizations(self.service).decide(request).await?;
        Ok(self.follow(answer.into_inner().step))
    }

    pub(crate) async fn approve(&mut self, handle: &str, ticked: &[&str]) -> Redirection {
        let request = self.answer(handle, true, ticked).await.expect("a page");
        redirection(self.decide(request).await.expect("a decision"))
    }

    /// From a request of a client to the page that asks for consent.
    pub(crate) async fn led_to_consent(&mut self, request: BeginAuthorizationRequest) -> String {
        let mut next = self.begin(request).await;
        if let Next::Interaction(asked) = &next
            && asked.page() == Page::SignIn
        {
            let handle = asked.handle.clone();
            next = self.sign_in(&handle).await;
        }
        consent_page(next)
    }

    /// From a request of a client to a code, agreeing to all that is asked.
    pub(crate) async fn led_to_code(&mut self, request: BeginAuthorizationRequest) -> String {
        let handle = self.led_to_consent(request).await;
        let scopes = self.page(&handle).await.expect("a page").scopes;
        let optional: Vec<_> = scopes.iter().filter(|scope| scope.optional).map(|scope| scope.value.as_str()).collect();
        let answer = self.approve(&handle, &optional).await;
        said(&answer, "code").to_owned()
    }

    /// From a request that was agreed to before to a code.
    pub(crate) async fn led_to_code_again(&mut self, request: BeginAuthorizationRequest) -> String {
        let mut next = self.begin(request).await;
        if let Next::Interaction(asked) = &next {
            let handle = asked.handle.clone();
            next = self.sign_in(&handle).await;
        }
        said(&redirection(next), "code").to_owned()
    }

    pub(crate) fn follow(&mut self, step: Option<Step>) -> Next {
        let Step { hold, next } = step.expect("a step");
        let hold = hold.unwrap_or_default();
        if !hold.browser.is_empty() {
            self.holds.browser = hold.browser;
        }
        if !hold.session.is_empty() {
            self.holds.session = hold.session;
        }
        if !hold.known.is_empty() {
            self.holds.known = hold.known;
        }
        next.expect("somewhere to go")
    }
}

#[track_caller]
pub(crate) fn sign_in_page(next: Next) -> String {
    match next {
        Next::Interaction(asked) if asked.page() == Page::SignIn => asked.handle,
        other => panic!("no sign-in page: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn consent_page(next: Next) -> String {
    match next {
        Next::Interaction(asked) if asked.page() == Page::Consent => asked.handle,
        other => panic!("no consent page: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn redirection(next: Next) -> Redirection {
    match next {
        Next::Redirection(redirection) => redirection,
        other => panic!("no redirection: {other:?}"),
    }
}

/// A refusal that a third party hears only if the user goes there.
#[track_caller]
pub(crate) fn refusal(next: Next) -> (Redirection, bool) {
    match next {
        Next::Refused(Refused { redirection: Some(redirection), application: Some(application), by_user, .. }) => {
            assert!(application.is_third_party, "a first party hears at once");
            (redirection, by_user)
        }
        other => panic!("no refusal: {other:?}"),
    }
}

/// What an answer says; empty: nothing.
pub(crate) fn said<'a>(redirection: &'a Redirection, name: &str) -> &'a str {
    let found = redirection.parameters.iter().find(|parameter| parameter.name == name);
    found.map_or("", |parameter| parameter.value.as_str())
}
