//! Lists of user grants, for operators, and an end of many.

use mintage_chassis::paging::{Page, PageSize};
use mintage_oauth::{Audience, ClientId, TenantId};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::departures::{Piece, some_grants};
use super::entities::{user_account, user_grant};
use super::records::grant;
use super::users::of_life;
use super::{Answer, ConsentStore};
use crate::domain::grant::UserGrant;
use crate::domain::id::UserId;
use crate::domain::incarnation::Life;

/// Which grants; `None` lets all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GrantFilter {
    pub(crate) user: Option<UserId>,
    pub(crate) client: Option<ClientId>,
    pub(crate) audience: Option<Audience>,
}

impl ConsentStore {
    /// Grants of a tenant, by id; those too that nobody was asked for, but none of a tenant that had the id before.
    pub(crate) async fn grants(
        &self,
        tenant: &TenantId,
        life: &Life,
        filter: &GrantFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Answer<Page<UserGrant>> {
        let mut users = Query::select();
        users.column(user_account::Column::Id).from(user_account::Entity).cond_where(of_life(tenant, life));
        let wanted = filter
            .condition(tenant)
            .add(user_grant::Column::UserId.in_subquery(users))
            .add_option(after.map(|after| user_grant::Column::Id.gt(after)));
        let query = user_grant::Entity::find().filter(wanted).order_by_asc(user_grant::Column::Id);
        let rows = query.limit(size.and_one()).all(self.0.connection()).await?;
        let grants = rows.iter().map(grant).collect::<Answer<_>>()?;
        Ok(Page::cut(grants, size, |grant: &UserGrant| grant.id.as_str()))
    }

    /// Takes some of the grants away that fit, with codes, refresh tokens and tickets; how many, and whether there are more.
    /// Their number does not tell: what another takes away at the same time is not counted here.
    pub(crate) async fn delete_grants(&self, tenant: &TenantId, filter: &GrantFilter) -> Answer<(u64, bool)> {
        let deleted = self.0.run(&Piece::ForgetGrants(some_grants(filter.condition(tenant)))).await?;
        let left = user_grant::Entity::find().filter(filter.condition(tenant)).limit(1);
        Ok((deleted, left.one(self.0.connection()).await?.is_some()))
    }
}

impl GrantFilter {
    fn condition(&self, tenant: &TenantId) -> Condition {
        let Self { user, client, audience } = self;
        Condition::all()
            .add(user_grant::Column::TenantId.eq(tenant.as_str()))
            .add_option(user.as_ref().map(|user| user_grant::Column::UserId.eq(user.as_str())))
            .add_option(client.as_ref().map(|client| user_grant::Column::ClientId.eq(client.as_str())))
            .add_option(audience.as_ref().map(|audience| user_grant::Column::Audience.eq(audience.as_str())))
    }
}
