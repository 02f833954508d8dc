//! Codes are taken, once each.

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{Audience, ClientId, GrantType, ScopeSet, TenantId};
use mintage_store::Work;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::entities::{authorization_code, refresh_family};
use super::records::{scopes, signed_in, time};
use super::redeeming::{NewFamily, Outcome, Redeemed, person};
use super::{Answer, ConsentStore, grants};
use crate::domain::ConsentError;
use crate::domain::code::{Beside, Challenge, Code};
use crate::domain::grant::UserGrant;
use crate::domain::id::FamilyId;
use crate::domain::refresh_token::RefreshToken;
use crate::domain::secret::{Digest, Digester};
use crate::domain::terms::Terms;

/// Takes a code, or looks at it.
pub(crate) struct RedeemingCode<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) client: &'a ClientId,
    pub(crate) code: &'a Digest,
    pub(crate) beside: Beside<'a>,
    /// The API asked for; `None`: the one that was granted.
    pub(crate) audience: Option<&'a Audience>,
    /// What the registry says now; `None`: the client or the API is gone.
    pub(crate) terms: Option<Terms<'a>>,
    pub(crate) look_only: bool,
    /// By which moment it is in time.
    pub(crate) judged_at: Timestamp,
    pub(crate) digester: &'a Digester,
    pub(crate) now: Timestamp,
    pub(crate) randomness: &'a Randomness,
}

impl ConsentStore {
    /// Redeems a code. Presented again it is worth nothing, and neither is what it gave.
    pub(crate) async fn redeem_code(&self, redeeming: &RedeemingCode<'_>) -> Answer<Outcome> {
        self.0.run(redeeming).await
    }

    /// The grant that a code is of, as it is now.
    pub(crate) async fn grant_of_code(&self, code: &Digest) -> Answer<Option<UserGrant>> {
        let found = authorization_code::Entity::find_by_id(code.as_bytes().to_vec()).one(self.0.connection()).await?;
        match found {
            Some(row) => grants::of_id(self.0.connection(), &row.grant_id).await,
            None => Ok(None),
        }
    }
}

impl Work for RedeemingCode<'_> {
    type Done = Outcome;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Outcome> {
        let Some((row, grant)) = self.find(transaction).await? else { return Ok(Outcome::Nothing) };
        if row.redeemed_at.is_some() {
            // Twice: one of the two had no right to it, and nobody can tell which (RFC 6749 section 4.1.2). No moment is left
            // for an answer that was lost, as there is for refresh tokens: what goes through a browser leaks more easily, and
            // a user who just agreed has only to be led through once more.
            if let Some(family) = &row.family_id {
                refresh_family::Entity::delete_by_id(family.clone()).exec(transaction).await?;
            }
            return Ok(Outcome::Twice(grant.id));
        }
        let code = code_of(&row)?;
        let user = person(transaction, &grant).await?;
        let Some(user) = user.filter(|_| code.fits(self.beside, self.judged_at)) else {
            return Ok(Outcome::Nothing);
        };
        grant.between.expect_audience(self.audience)?;
        let Some(scopes) = self.worth(&grant, &code) else { return Ok(Outcome::Nothing) };
        let refresh_token = if self.look_only {
            None
        } else {
            self.take(transaction, &grant, &scopes, &code).await?.map(|token| token.expose())
        };
        let Code { nonce, signed_in, .. } = code;
        Ok(Outcome::given(Redeemed { grant, scopes, nonce, signed_in, refresh_token, user }))
    }
}

impl RedeemingCode<'_> {
    /// The code and its grant, if both are the client's.
    async fn find(&self, target: &DatabaseTransaction) -> Answer<Option<(authorization_code::Model, UserGrant)>> {
        let code = authorization_code::Entity::find_by_id(self.code.as_bytes().to_vec());
        let found = grants::lock_with(target, code, |row| &row.grant_id).await?;
        Ok(found.filter(|(_, grant)| grant.between.is_of(self.tenant, self.client)))
    }

    /// What tokens may have still. A redirect URI that was taken from the client was not its own perhaps, and then neither is the
    /// code that went there.
    fn worth(&self, grant: &UserGrant, code: &Code) -> Option<ScopeSet> {
        let Terms { client, .. } = self.terms.as_ref()?;
        let still = client.may_use(GrantType::AuthorizationCode) && client.redirect_uri(&code.redirect_uri).is_some();
        self.terms.filter(|_| still)?.hold_of(grant, &code.scopes)
    }

    /// Nobody takes it again. Its first refresh token, where one was granted.
    async fn take(
        &self,
        target: &impl ConnectionTrait,
        grant: &UserGrant,
        scopes: &ScopeSet,
        code: &Code,
    ) -> Answer<Option<RefreshToken>> {
        let Some(Terms { client, .. }) = self.terms else { return Ok(None) };
        let lifetimes = client.refresh_tokens;
        let begun = NewFamily { grant, scopes, signed_in: &code.signed_in, lifetimes, now: self.now };
        let token = begun.begin(target, self.digester, self.randomness).await?;
        self.mark(target, token.as_ref().map(RefreshToken::family)).await?;
        grants::note_use(target, &grant.id, self.now).await?;
        Ok(token)
    }

    async fn mark(&self, target: &impl ConnectionTrait, family: Option<&FamilyId>) -> Answer<()> {
        authorization_code::Entity::update_many()
            .col_expr(authorization_code::Column::RedeemedAt, Expr::value(self.now.unix_millis()))
            .col_expr(authorization_code::Column::FamilyId, Expr::value(family.map(ToString::to_string)))
            .filter(authorization_code::Column::Digest.eq(self.code.as_bytes().to_vec()))
            .exec(target)
            .await?;
        Ok(())
    }
}

fn code_of(row: &authorization_code::Model) -> Answer<Code> {
    let challenge = row
        .challenge
        .as_deref()
        .map(|text| Challenge::read(text).ok_or_else(|| ConsentError::Failed("a stored challenge is none".into())));
    Ok(Code {
        issuer: row.issuer.clone(),
        redirect_uri: row.redirect_uri.clone(),
        challenge: challenge.transpose()?,
        nonce: row.nonce.clone(),
        scopes: scopes(&row.scopes)?,
        signed_in: signed_in(row.session_id.as_deref(), row.auth_time, row.tell_auth_time)?,
        ends_at: time(row.ends_at),
    })
}
