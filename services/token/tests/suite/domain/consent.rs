//! A consent service that gives what a test put down, and remembers what it was asked.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use mintage_clock::Timestamp;
use mintage_oauth::{ScopeSet, TenantId};
use mintage_token::domain::ports::{Looked, PasswordOrder, Presenter, Redeemable, Redemption, RedemptionOrder};
use mintage_token::domain::{Authorization, FrontChannel, IssueError, Ticket, UserClaims};

use super::fakes::{API, START};

/// A code that was given out: to which client, with which challenge, and for what.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) client_id: String,
    /// The verifier that fits its challenge; empty: it has none.
    pub(crate) verifier: String,
    pub(crate) authorization: Authorization,
}

/// Everything is taken once, and looked at as often as anybody likes.
#[derive(Default)]
pub(crate) struct FakeConsent {
    pub(crate) codes: Mutex<HashMap<String, Given>>,
    pub(crate) refresh_tokens: Mutex<HashMap<String, Given>>,
    /// By username and password.
    pub(crate) users: Mutex<HashMap<(String, String), Authorization>>,
    pub(crate) tickets: Mutex<HashMap<String, FrontChannel>>,
    /// What it was asked to do, in order.
    pub(crate) asked: Mutex<Vec<String>>,
    /// What happens once after somebody looked and before anything is taken.
    pub(crate) in_between: Mutex<Option<Change>>,
}

type Change = Box<dyn FnOnce(&FakeConsent) + Send>;

fn name(presented: Redeemable<'_>) -> &str {
    match presented {
        Redeemable::Code(code) => code.code.as_str(),
        Redeemable::RefreshToken { token, .. } => token,
    }
}

impl FakeConsent {
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn ask(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }
}

/// What a user granted at the API.
pub(crate) fn authorization(scopes: &str) -> Authorization {
    Authorization {
        user_id: "usr_ada".parse().unwrap(),
        audience: Some(API.parse().unwrap()),
        resource_server: Some("api_1".into()),
        scopes: ScopeSet::parse_delimited(scopes).unwrap(),
        nonce: Some("n-1".to_owned()),
        auth_time: Some(START),
        session_id: Some("ses_1".to_owned()),
        refresh_token: Some("next".to_owned().into()),
        claims: UserClaims {
            name: Some("Ada \"the\" Minter".to_owned()),
            email: Some("ada@example.com".to_owned()),
            email_verified: Some(true),
            updated_at: Some(START),
        },
    }
}

impl FakeConsent {
    /// What is presented gives, which is not touched.
    fn shown(&self, order: RedemptionOrder<'_>) -> Result<Authorization, IssueError> {
        let (given, verifier, narrowed) = match order.presented {
            Redeemable::Code(code) => {
                (self.codes.lock().unwrap().get(code.code.as_str()).cloned(), code.code_verifier.as_str(), None)
            }
            Redeemable::RefreshToken { token, scopes } => {
                (self.refresh_tokens.lock().unwrap().get(token).cloned(), "", scopes)
            }
        };
        let fits = |given: &Given| given.client_id == order.by.client_id.as_str() && given.verifier == verifier;
        let Given { authorization, .. } = given.filter(fits).ok_or(IssueError::GrantInvalid)?;
        match order.audience.filter(|asked| authorization.audience.as_ref() != Some(asked)) {
            Some(other) => Err(IssueError::AudienceNotGranted { audience: other.clone() }),
            None => Ok(Authorization { scopes: narrowed.unwrap_or(&authorization.scopes).clone(), ..authorization }),
        }
    }
}

#[async_trait]
impl Redemption for FakeConsent {
    async fn look(&self, order: RedemptionOrder<'_>) -> Result<Looked, IssueError> {
        self.ask(format!("look at {}", name(order.presented)));
        let authorization = Authorization { refresh_token: None, ..self.shown(order)? };
        Ok(Looked { authorization, at: Some(START) })
    }

    async fn take(
        &self,
        order: RedemptionOrder<'_>,
        looked_at: Option<Timestamp>,
    ) -> Result<Authorization, IssueError> {
        self.ask(format!("take {}", name(order.presented)));
        assert_eq!(looked_at, Some(START), "what was looked at is taken as it was then");
        if let Some(change) = self.in_between.lock().unwrap().take() {
            change(self);
        }
        let shown = self.shown(order)?;
        match order.presented {
            Redeemable::Code(code) => self.codes.lock().unwrap().remove(code.code.as_str()),
            Redeemable::RefreshToken { token, .. } => self.refresh_tokens.lock().unwrap().remove(token),
        };
        Ok(shown)
    }

    async fn password(&self, _: Presenter<'_>, order: PasswordOrder<'_>) -> Result<Authorization, IssueError> {
        let (name, password) = (&order.presented.username, order.presented.password.as_str());
        let audience = order.audience.map(ToString::to_string).unwrap_or_default();
        self.ask(format!("password {name} {audience} {:?}", order.source));
        let users = self.users.lock().unwrap();
        users.get(&(name.clone(), password.to_owned())).cloned().ok_or(IssueError::GrantInvalid)
    }

    async fn front_channel_ticket(&self, _: &TenantId, ticket: &Ticket) -> Result<FrontChannel, IssueError> {
        self.ask("ticket".to_owned());
        self.tickets.lock().unwrap().remove(ticket.0.as_str()).ok_or(IssueError::GrantInvalid)
    }

    async fn end(&self, by: Presenter<'_>, token: &str) -> Result<(), IssueError> {
        self.ask(format!("end {token} of {}", by.client_id));
        Ok(())
    }
}
