//! The table `ring_removal`: key rings owed to oblivion.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::entities::ring_removal;
use super::records::read;
use super::{resource_servers, tenants};
use crate::domain::RegistryError;
use crate::domain::ports::RingRemoval;

/// A removal that this replica has taken on, for a while: nobody makes keys of that name meanwhile, and no other replica
/// carries it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    note: RingRemoval,
    rings: Option<RingRemoval>,
    was_due: i64,
    until: i64,
}

impl Claim {
    /// What is to be removed; `None` when it is needed after all.
    pub(crate) const fn rings(&self) -> Option<&RingRemoval> {
        self.rings.as_ref()
    }

    /// What was noted.
    pub(crate) const fn note(&self) -> &RingRemoval {
        &self.note
    }
}

/// Notes the removal, or gives the one that is noted another time. What is owed of a whole tenant stands for its APIs
/// too. Who has taken it on keeps it.
pub(super) async fn owe(
    target: &impl ConnectionTrait,
    rings: &RingRemoval,
    due: Timestamp,
) -> Result<(), RegistryError> {
    note(target, rings, due, false).await
}

/// As [`owe`], before the rings are made. Whoever makes them next may take the note over, but not from whom it is that just
/// carries it out, for the new keys would go with the old ones: then nothing is noted, and it says so.
pub(super) async fn owe_unless_written(
    target: &impl ConnectionTrait,
    rings: &RingRemoval,
    now: Timestamp,
    due: Timestamp,
) -> Result<bool, RegistryError> {
    if is_claimed(target, rings, now).await? {
        return Ok(false);
    }
    note(target, rings, due, true).await?;
    Ok(true)
}

async fn note(
    target: &impl ConnectionTrait,
    rings: &RingRemoval,
    due: Timestamp,
    making: bool,
) -> Result<(), RegistryError> {
    if let RingRemoval::Tenant(tenant) = rings {
        let of_apis = ring_removal::Column::ResourceServerId.ne(EVERY);
        ring_removal::Entity::delete_many().filter(of(tenant)).filter(of_apis).exec(target).await?;
    }
    let key = [ring_removal::Column::TenantId, ring_removal::Column::ResourceServerId];
    let mut said = vec![ring_removal::Column::DueAt, ring_removal::Column::Making];
    if making {
        said.push(ring_removal::Column::ClaimedUntil);
    }
    ring_removal::Entity::insert(row_of(rings, due, making).into_active_model())
        .on_conflict(OnConflict::columns(key).update_columns(said).to_owned())
        .exec_without_returning(target)
        .await?;
    Ok(())
}

/// Whether rings that were in use are to go. Those that somebody was about to make for the tenant are not among them.
pub(super) async fn owed_by(target: &impl ConnectionTrait, tenant: &TenantId) -> Result<bool, RegistryError> {
    let owed = ring_removal::Entity::find().filter(of(tenant)).filter(ring_removal::Column::Making.eq(false));
    Ok(owed.count(target).await? > 0)
}

/// Whether a replica is just removing them, or some of them.
pub(super) async fn is_claimed(
    target: &impl ConnectionTrait,
    rings: &RingRemoval,
    now: Timestamp,
) -> Result<bool, RegistryError> {
    let them = match rings {
        RingRemoval::Tenant(tenant) => Condition::all().add(of(tenant)),
        RingRemoval::Api(..) => this(rings),
    };
    let claimed = them.add(ring_removal::Column::ClaimedUntil.gt(now.unix_millis()));
    Ok(ring_removal::Entity::find().filter(claimed).count(target).await? > 0)
}

/// Whether something of the tenant is due, or is just being removed.
pub(super) async fn is_pending(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<bool, RegistryError> {
    let now = now.unix_millis();
    let pending = ring_removal::Column::DueAt.lte(now).or(ring_removal::Column::ClaimedUntil.gt(now));
    Ok(ring_removal::Entity::find().filter(of(tenant).and(pending)).count(target).await? > 0)
}

/// Takes on the first removal that is due, of those after `last`, of one tenant if that is named. What is needed after
/// all is forgotten instead. The transaction holds the head of the change feed, so that nobody makes keys meanwhile.
pub(super) async fn claim(
    target: &impl ConnectionTrait,
    whose: Option<&TenantId>,
    last: Option<&RingRemoval>,
    now: Timestamp,
) -> Result<Option<Claim>, RegistryError> {
    let due = Condition::all()
        .add(ring_removal::Column::DueAt.lte(now.unix_millis()))
        .add(ring_removal::Column::ClaimedUntil.lte(now.unix_millis()))
        .add_option(whose.map(of))
        .add_option(last.map(after));
    let first = ring_removal::Entity::find()
        .filter(due)
        .order_by_asc(ring_removal::Column::TenantId)
        .order_by_asc(ring_removal::Column::ResourceServerId)
        .limit(1)
        // A replica of before claims holds what it carries out by a lock.
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let Some(row) = first.one(target).await? else { return Ok(None) };
    let note = removal_of(&row)?;
    let rings = unneeded(target, note.clone()).await?;
    let until = (now + LONGEST_REMOVAL).unix_millis();
    let claim = Claim { note, rings, was_due: row.due_at, until };
    if claim.rings.is_none() {
        ring_removal::Entity::delete_by_id(key_of(&claim.note)).exec(target).await?;
        return Ok(Some(claim));
    }
    ring_removal::Entity::update_many()
        .col_expr(ring_removal::Column::DueAt, Expr::value(until))
        .col_expr(ring_removal::Column::ClaimedUntil, Expr::value(until))
        // Keys may be gone now, so its maker must not count on them.
        .col_expr(ring_removal::Column::Making, Expr::value(false))
        .filter(this(&claim.note))
        .exec(target)
        .await?;
    Ok(Some(claim))
}

/// Gives back what was taken on. When it was carried out it is forgotten, unless it was noted anew meanwhile; otherwise it
/// is due as before.
pub(super) async fn settle(target: &impl ConnectionTrait, claim: &Claim, done: bool) -> Result<(), RegistryError> {
    let mine = this(&claim.note).add(ring_removal::Column::ClaimedUntil.eq(claim.until));
    let unchanged = mine.clone().add(ring_removal::Column::DueAt.eq(claim.until));
    if done {
        ring_removal::Entity::delete_many().filter(unchanged).exec(target).await?;
    } else {
        let due_again = ring_removal::Entity::update_many()
            .col_expr(ring_removal::Column::DueAt, Expr::value(claim.was_due))
            .filter(unchanged);
        due_again.exec(target).await?;
    }
    let unclaimed =
        ring_removal::Entity::update_many().col_expr(ring_removal::Column::ClaimedUntil, Expr::value(0_i64));
    unclaimed.filter(mine).exec(target).await?;
    Ok(())
}

/// What is really to be removed, now that it is due: a ring in use is not, nor is one whose tenant is just being made.
async fn unneeded(target: &impl ConnectionTrait, rings: RingRemoval) -> Result<Option<RingRemoval>, RegistryError> {
    let tenant = rings.tenant().clone();
    let gone = tenants::find(target, tenant.as_str()).await?.is_none();
    match rings {
        RingRemoval::Tenant(_) => Ok(gone.then_some(rings)),
        RingRemoval::Api(_, _) if gone => {
            let whole = RingRemoval::Tenant(tenant);
            let key = key_of(&whole);
            let noted = ring_removal::Entity::find_by_id(key).one(target).await?.is_some();
            Ok((!noted).then_some(whole))
        }
        RingRemoval::Api(_, ref api) => {
            let api = resource_servers::find_by_id(target, &tenant, api).await?;
            Ok((!api.is_some_and(|api| api.terms.algorithm.is_symmetric())).then_some(rings))
        }
    }
}

/// Forgets the removal; tells whether it was still noted and nobody had taken it on.
pub(super) async fn forget(target: &impl ConnectionTrait, rings: &RingRemoval) -> Result<bool, RegistryError> {
    let untouched = this(rings).add(ring_removal::Column::ClaimedUntil.eq(0));
    Ok(ring_removal::Entity::delete_many().filter(untouched).exec(target).await?.rows_affected > 0)
}

fn this(rings: &RingRemoval) -> Condition {
    let (tenant, api) = key_of(rings);
    Condition::all().add(ring_removal::Column::TenantId.eq(tenant)).add(ring_removal::Column::ResourceServerId.eq(api))
}

/// In the order in which removals are taken on.
fn after(rings: &RingRemoval) -> SimpleExpr {
    let (tenant, api) = key_of(rings);
    let of_next = ring_removal::Column::TenantId.gt(tenant.clone());
    let of_same = ring_removal::Column::TenantId.eq(tenant).and(ring_removal::Column::ResourceServerId.gt(api));
    of_next.or(of_same)
}

fn of(tenant: &TenantId) -> SimpleExpr {
    ring_removal::Column::TenantId.eq(tenant.as_str())
}

fn row_of(rings: &RingRemoval, due: Timestamp, making: bool) -> ring_removal::Model {
    let (tenant_id, resource_server_id) = key_of(rings);
    ring_removal::Model { tenant_id, resource_server_id, due_at: due.unix_millis(), making, claimed_until: 0 }
}

fn key_of(rings: &RingRemoval) -> (String, String) {
    match rings {
        RingRemoval::Tenant(tenant) => (tenant.to_string(), EVERY.to_owned()),
        RingRemoval::Api(tenant, api) => (tenant.to_string(), api.to_string()),
    }
}

fn removal_of(row: &ring_removal::Model) -> Result<RingRemoval, RegistryError> {
    let tenant = read(&row.tenant_id)?;
    match row.resource_server_id.as_str() {
        EVERY => Ok(RingRemoval::Tenant(tenant)),
        api => Ok(RingRemoval::Api(tenant, read(api)?)),
    }
}

const EVERY: &str = "";
/// Longer than key-management is waited for.
const LONGEST_REMOVAL: Duration = Duration::from_secs(60);
