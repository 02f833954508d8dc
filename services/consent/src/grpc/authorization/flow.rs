//! Goes on with a request: asks the user what must be asked, or gives the client its answer.

use mintage_oauth::{Audience, TenantId};

use super::convert::{Going, Step};
use super::refusing::Refusing;
use crate::clients::Tenant;
use crate::domain::ConsentError;
use crate::domain::answer::Refusal;
use crate::domain::application::{Api, Application};
use crate::domain::code::{Code, FrontChannel, SignedIn};
use crate::domain::grant::{Agreement, Between};
use crate::domain::id::UserId;
use crate::domain::next::{Next, Situation};
use crate::domain::request::AuthorizationRequest;
use crate::domain::secret::{Digest, HandedOut, Purpose};
use crate::domain::session::Session;
use crate::grpc::{Desk, counted, told};
use crate::store::{Interaction, Issue, Issued, Page, Upon};

/// A request under way in a browser, with what it is about.
#[derive(Debug)]
pub(super) struct Flow<'a> {
    pub(super) desk: &'a Desk,
    pub(super) tenant: &'a Tenant,
    /// Whose answers count.
    pub(super) browser: &'a Digest,
    pub(super) parties: &'a Parties,
    pub(super) request: &'a AuthorizationRequest,
    pub(super) upon: Upon<'a>,
}

/// The client and the API of a request as the registry has them now.
#[derive(Debug)]
pub(super) struct Parties {
    pub(super) client: Application,
    pub(super) api: Option<Api>,
}

/// Both, and the request as it fits them; `Err`: the client is told.
type Found = (Parties, Result<AuthorizationRequest, Refusal>);

impl Parties {
    /// Finds them anew: between one page and the next either may have changed. `Err` inside: the browser goes nowhere, and the
    /// user is told.
    pub(super) async fn of(
        desk: &Desk,
        tenant: &Tenant,
        request: &AuthorizationRequest,
    ) -> Result<Result<Found, Going>, ConsentError> {
        let Some(id) = request.client() else { return Ok(Err(Going::ClientUnknown)) };
        let Some(client) = desk.registry.application(&tenant.id, &id).await? else {
            return Ok(Err(Going::ClientUnknown));
        };
        told::client(&client.id);
        if client.redirect_uri(&request.back.redirect_uri).is_none() {
            return Ok(Err(Going::RedirectUriMismatch));
        }
        let (api, fit) = match api_of(desk, tenant, request).await? {
            Ok(api) => {
                let fit = request.clone().fit(&client, api.as_ref());
                (api, fit)
            }
            Err(refusal) => (None, Err(refusal)),
        };
        Ok(Ok((Self { client, api }, fit)))
    }

    /// What such a user grants the client at the API.
    pub(super) fn between(&self, tenant: &TenantId, user: &UserId) -> Between {
        let Self { client, api } = self;
        Between {
            tenant: tenant.clone(),
            user: user.clone(),
            client: client.id.clone(),
            audience: api.as_ref().map(|api| api.audience.clone()),
            api: api.as_ref().map(|api| api.life.incarnation.clone()),
        }
    }
}

async fn api_of(
    desk: &Desk,
    tenant: &Tenant,
    request: &AuthorizationRequest,
) -> Result<Result<Option<Api>, Refusal>, ConsentError> {
    let audience: Audience = match request.named_audience() {
        Err(refusal) => return Ok(Err(refusal)),
        Ok(None) => return Ok(Ok(None)),
        Ok(Some(audience)) => audience,
    };
    let found = desk.registry.api(&tenant.id, &audience).await?;
    Ok(found.map(Some).ok_or_else(|| Refusal::api_unknown(&audience, tenant.error_profile)))
}

impl Flow<'_> {
    /// Goes on with whoever is signed in. Where the user takes back at the same moment what it goes by, it looks again.
    pub(super) async fn advance(&self, session: Option<&Session>) -> Result<Step, ConsentError> {
        for _ in 0..LOOKS {
            if let Some(step) = self.advance_once(session).await? {
                return Ok(step);
            }
        }
        Err(ConsentError::Overloaded)
    }

    async fn advance_once(&self, session: Option<&Session>) -> Result<Option<Step>, ConsentError> {
        let Parties { client, api } = self.parties;
        let grant = match session {
            Some(session) => self.desk.grant_between(&self.between(session), api.as_ref()).await?,
            None => None,
        };
        let situation = Situation {
            request: self.request,
            client,
            api: api.as_ref(),
            session,
            grant: grant.as_ref(),
            now: self.desk.now(),
        };
        let step = match (situation.next(), session) {
            (Next::Grant(agreed), Some(session)) => return self.answer(session, &agreed).await,
            (Next::Ask, Some(session)) => {
                let handle = self.ask(Page::Consent(session.id.clone())).await?;
                Going::Consent(handle).alone()
            }
            (Next::Refuse(refusal), _) if situation.leads_back_unasked() => self.refusing().at_once(&refusal),
            (Next::Refuse(refusal), _) => self.refusing().unasked(&refusal),
            (Next::SignIn | Next::Ask | Next::Grant(_), _) => Going::SignIn(self.ask(Page::SignIn).await?).alone(),
        };
        Ok(Some(step))
    }

    const fn refusing(&self) -> Refusing<'_> {
        let Self { parties, request, .. } = self;
        Refusing { client: &parties.client, back: &request.back, ui_locales: request.ui_locales.as_str() }
    }

    /// Writes the grant with a code, a ticket or both, and sends them on their way. `None`: the user took back what they would
    /// rest on.
    pub(super) async fn answer(&self, session: &Session, agreed: &Agreement) -> Result<Option<Step>, ConsentError> {
        let (desk, asked) = (self.desk, self.request.response_type);
        let code = asked.code.then(|| (desk.draw(Purpose::Code), self.code(session, agreed)));
        let ticket = asked.is_front_channel().then(|| {
            let code = code.as_ref().map(|((code, _), _)| code);
            (self.draw_ticket(code), self.front_channel(session, agreed))
        });
        let issue = Issue {
            upon: self.upon,
            between: &self.between(session),
            agreed,
            code: code.as_ref().map(|((_, digest), code)| (digest, code)),
            ticket: ticket.as_ref().map(|((_, digest), ticket)| (digest, ticket)),
            now: desk.now(),
            randomness: &desk.randomness,
        };
        match desk.store.issue(&issue).await? {
            Issued::TakenBack => return Ok(None),
            Issued::Given => {
                counted::given(agreed.basis);
                desk.registry.note_use(&self.tenant.id, &self.parties.client).await;
            }
            Issued::Again => {}
        }
        let code = code.map(|((code, _), _)| code.expose().to_owned());
        let ticket = ticket.map(|((ticket, _), _)| ticket).unwrap_or_default();
        Ok(Some(Going::Back(self.request.back.clone().granted(code, ticket)).alone()))
    }

    async fn ask(&self, page: Page) -> Result<HandedOut, ConsentError> {
        let (handle, digest) = self.desk.draw(Purpose::Interaction);
        let interaction = Interaction {
            tenant: self.tenant.id.clone(),
            browser: self.browser.clone(),
            request: Some(self.request.clone()),
            page,
            ends_at: self.desk.now() + self.desk.settings.interaction_lifetime,
        };
        self.desk.store.begin(&digest, &interaction).await?;
        Ok(handle)
    }

    fn between(&self, session: &Session) -> Between {
        self.parties.between(&self.tenant.id, &session.user)
    }

    fn code(&self, session: &Session, agreed: &Agreement) -> Code {
        Code {
            issuer: Some(self.request.back.issuer.clone()),
            redirect_uri: self.request.back.redirect_uri.clone(),
            challenge: self.request.challenge(),
            nonce: self.nonce(),
            scopes: agreed.scopes.clone(),
            signed_in: self.signed_in(session),
            ends_at: self.desk.now() + self.desk.settings.code_lifetime,
        }
    }

    fn front_channel(&self, session: &Session, agreed: &Agreement) -> FrontChannel {
        FrontChannel {
            nonce: self.nonce(),
            scopes: agreed.scopes.clone(),
            signed_in: self.signed_in(session),
            token: self.request.response_type.token,
            id_token: self.request.response_type.id_token,
            ends_at: self.desk.now() + self.desk.settings.code_lifetime,
        }
    }

    /// A ticket carries the code that goes beside it, which nobody keeps in clear: an ID token has the code's hash.
    fn draw_ticket(&self, code: Option<&HandedOut>) -> (String, Digest) {
        let (ticket, digest) = self.desk.draw(Purpose::Ticket);
        let text = match code {
            Some(code) => format!("{}.{}", ticket.expose(), code.expose()),
            None => ticket.expose().to_owned(),
        };
        (text, digest)
    }

    fn nonce(&self) -> Option<String> {
        Some(self.request.nonce.clone()).filter(|nonce| !nonce.is_empty())
    }

    fn signed_in(&self, session: &Session) -> SignedIn {
        SignedIn {
            session: Some(session.id.clone()),
            at: session.signed_in_at,
            tell_when: self.request.max_age.is_some(),
        }
    }
}

/// More often nobody takes anything back in one moment.
const LOOKS: usize = 3;
