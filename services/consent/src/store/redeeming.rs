//! What is redeemed, and by what: codes and refresh tokens have files of their own, tickets and passwords stand here.

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{ScopeSet, TenantId, openid};
use mintage_store::Work;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel};
use zeroize::Zeroizing;

use super::entities::{front_channel_ticket, refresh_family, user_account};
use super::records::{row_of_family, scopes, signed_in, time};
use super::{Answer, ConsentStore, grants, users};
use crate::domain::ConsentError;
use crate::domain::application::RefreshLifetimes;
use crate::domain::code::{FrontChannel, SignedIn};
use crate::domain::grant::{Agreement, Between, UserGrant};
use crate::domain::id::{FamilyId, UserGrantId};
use crate::domain::refresh_token::{Family, RefreshToken};
use crate::domain::secret::{Digest, Digester};
use crate::domain::signing_in::Entry;
use crate::domain::user::User;

/// What was redeemed.
#[derive(Debug)]
pub(crate) struct Redeemed {
    pub(crate) grant: UserGrant,
    pub(crate) scopes: ScopeSet,
    pub(crate) nonce: Option<String>,
    pub(crate) signed_in: SignedIn,
    pub(crate) refresh_token: Option<Zeroizing<String>>,
    pub(crate) user: Person,
}

/// What came of presenting something.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is good.
    Given {
        redeemed: Box<Redeemed>,
        /// It was presented a moment ago, too.
        again: bool,
    },
    /// It is worth nothing.
    Nothing,
    /// It was used before, by whomever: all that came of it has ended.
    Twice(UserGrantId),
}

impl Outcome {
    pub(super) fn given(redeemed: Redeemed) -> Self {
        Self::Given { redeemed: Box::new(redeemed), again: false }
    }

    pub(super) fn given_again(redeemed: Redeemed) -> Self {
        Self::Given { redeemed: Box::new(redeemed), again: true }
    }
}

/// What may be told of a user.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) updated_at: Timestamp,
}

impl From<User> for Person {
    fn from(user: User) -> Self {
        let (name, email) = (user.name.as_str().to_owned(), user.email.to_string());
        Self { name, email, email_verified: user.email_verified, updated_at: user.updated_at }
    }
}

/// A ticket that was redeemed.
#[derive(Debug)]
pub(crate) struct RedeemedTicket {
    pub(crate) redeemed: Redeemed,
    pub(crate) token: bool,
    pub(crate) id_token: bool,
}

impl ConsentStore {
    /// Redeems a ticket.
    pub(crate) async fn redeem_ticket(
        &self,
        tenant: &TenantId,
        ticket: &Digest,
        now: Timestamp,
    ) -> Answer<Option<RedeemedTicket>> {
        self.0.run(&RedeemingTicket { tenant, ticket, now }).await
    }
}

/// The beginning of a family of refresh tokens.
pub(super) struct NewFamily<'a> {
    pub(super) grant: &'a UserGrant,
    pub(super) scopes: &'a ScopeSet,
    pub(super) signed_in: &'a SignedIn,
    pub(super) lifetimes: RefreshLifetimes,
    pub(super) now: Timestamp,
}

impl NewFamily<'_> {
    /// Writes it where `offline_access` is among the scopes, and returns its first token.
    pub(super) async fn begin(
        self,
        target: &impl ConnectionTrait,
        digester: &Digester,
        randomness: &Randomness,
    ) -> Answer<Option<RefreshToken>> {
        if !self.scopes.contains(openid::OFFLINE_ACCESS) {
            return Ok(None);
        }
        let token = RefreshToken::generate(FamilyId::generate(randomness), randomness);
        let family = Family {
            id: token.family().clone(),
            current: token.digest(digester),
            previous: None,
            grant: self.grant.id.clone(),
            scopes: self.scopes.clone(),
            signed_in: self.signed_in.clone(),
            created_at: self.now,
            used_at: self.now,
            idle: self.lifetimes.idle,
            ends_at: self.now + self.lifetimes.whole,
        };
        let row = row_of_family(&family).into_active_model();
        refresh_family::Entity::insert(row).exec_without_returning(target).await?;
        Ok(Some(token))
    }
}

struct RedeemingTicket<'a> {
    tenant: &'a TenantId,
    ticket: &'a Digest,
    now: Timestamp,
}

impl Work for RedeemingTicket<'_> {
    type Done = Option<RedeemedTicket>;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Self::Done> {
        let id = self.ticket.as_bytes().to_vec();
        let of_id = front_channel_ticket::Entity::find_by_id(id.clone());
        let found = grants::lock_with(transaction, of_id, |row| &row.grant_id).await?;
        let Some((row, grant)) = found else { return Ok(None) };
        let ticket = ticket_of(&row)?;
        let user = person(transaction, &grant).await?;
        // It goes through the browser that asked a moment ago, so that nothing is lost with one of a grant that is placed later.
        let well = grant.between.tenant == *self.tenant && grant.between.is_definite() && self.now < ticket.ends_at;
        let Some(user) = user.filter(|_| well) else { return Ok(None) };
        front_channel_ticket::Entity::delete_by_id(id).exec(transaction).await?;
        grants::note_use(transaction, &grant.id, self.now).await?;
        let FrontChannel { nonce, scopes, signed_in, token, id_token, .. } = ticket;
        let scopes = grant.allowed_of(&scopes);
        let redeemed = Redeemed { grant, scopes, nonce, signed_in, refresh_token: None, user };
        Ok(Some(RedeemedTicket { redeemed, token, id_token }))
    }
}

/// The user of a grant; `None` where there is none any more who may sign in.
pub(super) async fn person(target: &impl ConnectionTrait, grant: &UserGrant) -> Answer<Option<Person>> {
    let found = user_account::Entity::find_by_id(grant.between.user.as_str()).one(target).await?;
    Ok(found.filter(|user| !user.blocked).map(|user| Person {
        name: user.name,
        email: user.email,
        email_verified: user.email_verified,
        updated_at: time(user.updated_at),
    }))
}

fn ticket_of(row: &front_channel_ticket::Model) -> Answer<FrontChannel> {
    Ok(FrontChannel {
        nonce: row.nonce.clone(),
        scopes: scopes(&row.scopes)?,
        signed_in: signed_in(row.session_id.as_deref(), row.auth_time, row.tell_auth_time)?,
        token: row.token,
        id_token: row.id_token,
        ends_at: time(row.ends_at),
    })
}

/// Gives what a password gives.
#[derive(Debug)]
pub(crate) struct TakingPassword<'a> {
    pub(crate) entry: &'a Entry<'a>,
    pub(crate) between: &'a Between,
    pub(crate) agreed: &'a Agreement,
    pub(crate) lifetimes: RefreshLifetimes,
    pub(crate) digester: &'a Digester,
    pub(crate) now: Timestamp,
    pub(crate) randomness: &'a Randomness,
}

impl ConsentStore {
    /// Writes the grant, with a refresh token where one is asked for.
    pub(crate) async fn take_password(&self, taking: &TakingPassword<'_>) -> Answer<Option<Redeemed>> {
        self.0.run(taking).await
    }
}

impl Work for TakingPassword<'_> {
    type Done = Option<Redeemed>;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Self::Done> {
        if !users::enter(transaction, self.entry).await? {
            return Ok(None);
        }
        let agreed = grants::agree(transaction, self.between, self.agreed, self.now, self.randomness).await?;
        let Some(grant) = agreed else { return Ok(None) };
        let Some(user) = person(transaction, &grant).await? else { return Ok(None) };
        let (scopes, signed_in) = (&self.agreed.scopes, SignedIn { session: None, at: self.now, tell_when: false });
        let begun =
            NewFamily { grant: &grant, scopes, signed_in: &signed_in, lifetimes: self.lifetimes, now: self.now };
        let token = begun.begin(transaction, self.digester, self.randomness).await?;
        grants::note_use(transaction, &grant.id, self.now).await?;
        let (scopes, refresh_token) = (scopes.clone(), token.map(|token| token.expose()));
        Ok(Some(Redeemed { grant, scopes, nonce: None, signed_in, refresh_token, user }))
    }
}
