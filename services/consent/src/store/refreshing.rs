//! Refresh tokens are taken, once each.

use std::time::Duration;

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{Audience, ClientId, ScopeSet, TenantId};
use mintage_store::Work;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use zeroize::Zeroizing;

use super::entities::refresh_family;
use super::records::{family, row_of_family};
use super::redeeming::{Outcome, Redeemed, person};
use super::{Answer, ConsentStore, grants};
use crate::domain::ConsentError;
use crate::domain::grant::UserGrant;
use crate::domain::id::FamilyId;
use crate::domain::refresh_token::{Family, Presented, RefreshToken};
use crate::domain::secret::Digester;
use crate::domain::terms::Terms;

/// Takes a refresh token, or looks at it.
pub(crate) struct RedeemingRefreshToken<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) client: &'a ClientId,
    pub(crate) token: &'a RefreshToken,
    /// Empty: all there are.
    pub(crate) scopes: &'a ScopeSet,
    /// The API asked for; `None`: the one that was granted.
    pub(crate) audience: Option<&'a Audience>,
    /// What the registry says now; `None`: the client or the API is gone.
    pub(crate) terms: Option<Terms<'a>>,
    pub(crate) look_only: bool,
    /// By which moment it is in time.
    pub(crate) judged_at: Timestamp,
    /// For how long a used one is heard again.
    pub(crate) leeway: Duration,
    pub(crate) digester: &'a Digester,
    pub(crate) now: Timestamp,
    pub(crate) randomness: &'a Randomness,
}

impl ConsentStore {
    /// Redeems a refresh token for the next one. Where it was good once, no other of its family is from now on.
    pub(crate) async fn redeem_refresh_token(&self, redeeming: &RedeemingRefreshToken<'_>) -> Answer<Outcome> {
        self.0.run(redeeming).await
    }

    /// The grant that a family is of, as it is now.
    pub(crate) async fn grant_of_family(&self, id: &FamilyId) -> Answer<Option<UserGrant>> {
        match refresh_family::Entity::find_by_id(id.as_str()).one(self.0.connection()).await? {
            Some(row) => grants::of_id(self.0.connection(), &row.grant_id).await,
            None => Ok(None),
        }
    }

    /// Ends the family of a refresh token, if it is the client's.
    pub(crate) async fn end_family(&self, tenant: &TenantId, client: &ClientId, token: &RefreshToken) -> Answer<()> {
        self.0.run(&Ending { tenant, client, token }).await
    }
}

impl Work for RedeemingRefreshToken<'_> {
    type Done = Outcome;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Outcome> {
        let found = find(transaction, self.token, self.tenant, self.client).await?;
        let Some((family, grant)) = found else { return Ok(Outcome::Nothing) };
        let presented = family.judge(&self.token.digest(self.digester), self.judged_at, self.leeway);
        let user = person(transaction, &grant).await?;
        let Some(user) = user.filter(|_| matches!(presented, Presented::Good | Presented::Again)) else {
            refresh_family::Entity::delete_by_id(family.id.as_str()).exec(transaction).await?;
            let twice = presented == Presented::Reused;
            return Ok(if twice { Outcome::Twice(grant.id) } else { Outcome::Nothing });
        };
        grant.between.expect_audience(self.audience)?;
        // What an operator took away may be given back, so nothing ends here.
        let worth = self.terms.as_ref().and_then(|terms| family.worth(&grant, terms));
        let Some(most) = worth else { return Ok(Outcome::Nothing) };
        let scopes = self.narrowed(most)?;
        let signed_in = family.signed_in.clone();
        let next = if self.look_only { None } else { Some(self.take(transaction, family, presented).await?) };
        let redeemed = Redeemed { grant, scopes, nonce: None, signed_in, refresh_token: next, user };
        Ok(if presented == Presented::Again { Outcome::given_again(redeemed) } else { Outcome::given(redeemed) })
    }
}

impl RedeemingRefreshToken<'_> {
    /// Those asked for, which are never more than the sign-in had, nor than the user grants now (RFC 6749 section 6).
    fn narrowed(&self, most: ScopeSet) -> Answer<ScopeSet> {
        if self.scopes.is_empty() {
            return Ok(most);
        }
        let missing: ScopeSet = self.scopes.missing_from(&most).into_iter().collect();
        if missing.is_empty() {
            Ok(self.scopes.clone())
        } else {
            Err(ConsentError::ScopeNotGranted { scopes: missing.to_delimited() })
        }
    }

    /// Makes the next one the one that is good, and returns it in clear.
    async fn take(
        &self,
        target: &impl ConnectionTrait,
        mut family: Family,
        presented: Presented,
    ) -> Answer<Zeroizing<String>> {
        let next = RefreshToken::generate(family.id.clone(), self.randomness);
        family.give(next.digest(self.digester), presented, self.now);
        let row = row_of_family(&family);
        refresh_family::Entity::update_many()
            .col_expr(refresh_family::Column::Digest, Expr::value(row.digest))
            .col_expr(refresh_family::Column::UsedAt, Expr::value(row.used_at))
            .col_expr(refresh_family::Column::PreviousDigest, Expr::value(row.previous_digest))
            .col_expr(refresh_family::Column::PreviousUsedAt, Expr::value(row.previous_used_at))
            .filter(refresh_family::Column::Id.eq(family.id.as_str()))
            .exec(target)
            .await?;
        grants::note_use(target, &family.grant, self.now).await?;
        Ok(next.expose())
    }
}

struct Ending<'a> {
    tenant: &'a TenantId,
    client: &'a ClientId,
    token: &'a RefreshToken,
}

impl Work for Ending<'_> {
    type Done = ();
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<()> {
        if let Some((family, _)) = find(transaction, self.token, self.tenant, self.client).await? {
            refresh_family::Entity::delete_by_id(family.id.as_str()).exec(transaction).await?;
        }
        Ok(())
    }
}

/// The family of a token with its grant, both locked, if the client may use it.
async fn find(
    target: &DatabaseTransaction,
    token: &RefreshToken,
    tenant: &TenantId,
    client: &ClientId,
) -> Answer<Option<(Family, UserGrant)>> {
    let of_token = refresh_family::Entity::find_by_id(token.family().as_str());
    let found = grants::lock_with(target, of_token, |row| &row.grant_id).await?;
    let its_own = found.filter(|(_, grant)| grant.between.is_of(tenant, client));
    its_own.map(|(row, grant)| Ok((family(&row)?, grant))).transpose()
}
