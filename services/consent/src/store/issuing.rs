//! A grant, with what it is redeemed by, in one write.

use mintage_clock::{Randomness, Timestamp};
use mintage_store::Work;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::entities::{authorization_code, front_channel_ticket};
use super::given_answers::{self, Answering, Given};
use super::{Answer, ConsentStore, grants, sessions};
use crate::domain::ConsentError;
use crate::domain::code::{Challenge, Code, FrontChannel};
use crate::domain::grant::{Agreement, Between, UserGrant};
use crate::domain::id::SessionId;
use crate::domain::secret::Digest;

/// What is written when a request is granted.
#[derive(Debug)]
pub(crate) struct Issue<'a> {
    pub(crate) upon: Upon<'a>,
    pub(crate) between: &'a Between,
    pub(crate) agreed: &'a Agreement,
    pub(crate) code: Option<(&'a Digest, &'a Code)>,
    pub(crate) ticket: Option<(&'a Digest, &'a FrontChannel)>,
    pub(crate) now: Timestamp,
    pub(crate) randomness: &'a Randomness,
}

/// What the browser did last.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Upon<'a> {
    /// It brought the request, or its user signed in, and nothing was asked.
    Request,
    /// Its user agrees.
    Decision(&'a Answering<'a>),
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issued {
    /// It is written.
    Given,
    /// It was before, by the same answer: the code stands in the place of the former.
    Again,
    /// The user took back what it rests on: nothing is written.
    TakenBack,
}

impl ConsentStore {
    /// Writes all of it, or nothing: an answer that was given already gives nothing more than it did.
    pub(crate) async fn issue(&self, issue: &Issue<'_>) -> Answer<Issued> {
        self.0.run(issue).await
    }
}

impl Work for Issue<'_> {
    type Done = Issued;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Issued> {
        let given = match self.upon {
            Upon::Decision(answering) => given_answers::take(transaction, answering).await?,
            Upon::Request => None,
        };
        if let Some(session) = self.session()
            && !sessions::hold(transaction, session).await?
        {
            return Err(ConsentError::InteractionOver);
        }
        if let Some(given) = given {
            return self.give_again(transaction, &given).await;
        }
        let agreed = grants::agree(transaction, self.between, self.agreed, self.now, self.randomness).await?;
        let Some(grant) = agreed else { return Ok(Issued::TakenBack) };
        if let Some((digest, code)) = self.code {
            let row = row_of_code(digest, &grant, code).into_active_model();
            authorization_code::Entity::insert(row).exec_without_returning(transaction).await?;
            if let Some(handle) = self.upon.handle() {
                given_answers::note_code(transaction, handle, digest).await?;
            }
        }
        if let Some((digest, ticket)) = self.ticket {
            let row = row_of_ticket(digest, &grant, ticket).into_active_model();
            front_channel_ticket::Entity::insert(row).exec_without_returning(transaction).await?;
        }
        Ok(Issued::Given)
    }
}

impl<'a> Upon<'a> {
    /// The handle of what was answered.
    const fn handle(&self) -> Option<&'a Digest> {
        match self {
            Self::Request => None,
            Self::Decision(answering) => Some(answering.handle),
        }
    }
}

impl Issue<'_> {
    /// The code alone: what goes beside one was brought to the browser before.
    async fn give_again(&self, target: &impl ConnectionTrait, given: &Given) -> Answer<Issued> {
        let (Some(handle), Some((digest, _)), None) = (self.upon.handle(), self.code, self.ticket) else {
            return Err(ConsentError::InteractionOver);
        };
        given_answers::exchange_code(target, handle, given, digest, self.now).await?;
        Ok(Issued::Again)
    }

    /// The sign-in that all of it rests on.
    fn session(&self) -> Option<&SessionId> {
        let code = self.code.and_then(|(_, code)| code.signed_in.session.as_ref());
        code.or_else(|| self.ticket.and_then(|(_, ticket)| ticket.signed_in.session.as_ref()))
    }
}

fn row_of_code(digest: &Digest, grant: &UserGrant, code: &Code) -> authorization_code::Model {
    let Code { issuer, redirect_uri, challenge, nonce, scopes, signed_in, ends_at } = code;
    authorization_code::Model {
        digest: digest.as_bytes().to_vec(),
        grant_id: grant.id.to_string(),
        redirect_uri: redirect_uri.clone(),
        challenge: challenge.as_ref().map(Challenge::as_str).map(str::to_owned),
        nonce: nonce.clone(),
        scopes: scopes.to_delimited(),
        session_id: signed_in.session.as_ref().map(ToString::to_string),
        auth_time: signed_in.at.unix_millis(),
        tell_auth_time: signed_in.tell_when,
        ends_at: ends_at.unix_millis(),
        redeemed_at: None,
        family_id: None,
        issuer: issuer.clone(),
    }
}

fn row_of_ticket(digest: &Digest, grant: &UserGrant, ticket: &FrontChannel) -> front_channel_ticket::Model {
    let FrontChannel { nonce, scopes, signed_in, token, id_token, ends_at } = ticket;
    front_channel_ticket::Model {
        digest: digest.as_bytes().to_vec(),
        grant_id: grant.id.to_string(),
        scopes: scopes.to_delimited(),
        nonce: nonce.clone(),
        session_id: signed_in.session.as_ref().map(ToString::to_string),
        auth_time: signed_in.at.unix_millis(),
        tell_auth_time: signed_in.tell_when,
        token: *token,
        id_token: *id_token,
        ends_at: ends_at.unix_millis(),
    }
}
