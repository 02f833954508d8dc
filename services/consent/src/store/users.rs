//! The table `user_account`: who there is, how each proves to be itself, and what failed of late.

use std::collections::{HashMap, HashSet};

use mintage_chassis::paging::{Page, PageSize};
use mintage_clock::Timestamp;
use mintage_oauth::TenantId;
use mintage_store::Work;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::user_account;
use super::errors::in_the_way;
use super::records::{read, time};
use super::{Answer, ConsentStore, known_browsers, sessions};
use crate::domain::authentication::{Authenticated, Proof, ProvenPassword};
use crate::domain::id::UserId;
use crate::domain::incarnation::Life;
use crate::domain::known_browser::Counted;
use crate::domain::lockout::Lockout;
use crate::domain::password::PasswordHash;
use crate::domain::signing_in::{Entrances, Entry};
use crate::domain::user::{Email, User, UserChanges};
use crate::domain::{ConsentError, Kind};

impl ConsentStore {
    /// The user of that id, if there is one.
    pub(crate) async fn user(&self, tenant: &TenantId, id: &UserId) -> Answer<Option<User>> {
        let found = user_account::Entity::find().filter(is(tenant, id)).one(self.0.connection()).await?;
        found.as_ref().map(user_of).transpose()
    }

    /// Those of the users of these ids that there are.
    pub(crate) async fn users_of_ids(
        &self,
        tenant: &TenantId,
        ids: impl Iterator<Item = &UserId>,
    ) -> Answer<HashMap<UserId, User>> {
        let ids: HashSet<_> = ids.map(UserId::as_str).collect();
        let these = Condition::all()
            .add(user_account::Column::TenantId.eq(tenant.as_str()))
            .add(user_account::Column::Id.is_in(ids));
        let rows = user_account::Entity::find().filter(these).all(self.0.connection()).await?;
        rows.iter().map(|row| user_of(row).map(|user| (user.id.clone(), user))).collect()
    }

    /// The user with that address, however it is written.
    pub(crate) async fn user_with(&self, tenant: &TenantId, email: &Email) -> Answer<Option<User>> {
        let found = user_account::Entity::find().filter(has(tenant, email)).one(self.0.connection()).await?;
        found.as_ref().map(user_of).transpose()
    }

    /// Users of a tenant, by id; none of one that had its id before.
    pub(crate) async fn users(
        &self,
        tenant: &TenantId,
        life: &Life,
        after: Option<&str>,
        size: PageSize,
    ) -> Answer<Page<User>> {
        let query = user_account::Entity::find()
            .filter(of_life(tenant, life))
            .filter(Condition::all().add_option(after.map(|after| user_account::Column::Id.gt(after))))
            .order_by_asc(user_account::Column::Id)
            .limit(size.and_one());
        let users = query.all(self.0.connection()).await?.iter().map(user_of).collect::<Answer<_>>()?;
        Ok(Page::cut(users, size, |user: &User| user.id.as_str()))
    }

    /// Keeps a new user. [`ConsentError::Conflict`] where the address is another's.
    pub(crate) async fn create_user(&self, user: &User, password: &PasswordHash) -> Answer<()> {
        let row = row_of(user, password).into_active_model();
        let insert = user_account::Entity::insert(row);
        insert.exec_without_returning(self.0.connection()).await.map_err(in_the_way(Kind::User))?;
        Ok(())
    }

    /// Changes a user and returns it as it is now. Whoever is blocked loses sessions, codes and refresh tokens with it.
    pub(crate) async fn update_user(
        &self,
        tenant: &TenantId,
        id: &UserId,
        changes: &UserChanges,
        now: Timestamp,
    ) -> Answer<User> {
        self.0.run(&Updating { tenant, id, changes, now }).await
    }

    /// Gives a user another password, and takes sessions, codes and refresh tokens.
    pub(crate) async fn set_password(
        &self,
        tenant: &TenantId,
        id: &UserId,
        password: &PasswordHash,
        now: Timestamp,
    ) -> Answer<()> {
        self.0.run(&SettingPassword { tenant, id, password, now }).await
    }

    /// Forgets a user with sessions and grants; tells whether there was one.
    pub(crate) async fn delete_user(&self, tenant: &TenantId, id: &UserId) -> Answer<bool> {
        let gone = user_account::Entity::delete_many().filter(is(tenant, id)).exec(self.0.connection()).await?;
        Ok(gone.rows_affected > 0)
    }
}

impl Entrances for ConsentStore {
    async fn enter(&self, entry: &Entry<'_>) -> Answer<bool> {
        self.0.run(&Entering(entry)).await
    }
}

struct Entering<'a>(&'a Entry<'a>);

impl Work for Entering<'_> {
    type Done = bool;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<bool> {
        enter(transaction, self.0).await
    }
}

/// Writes down that a password was right, if it still is the user's and the user may. Whoever blocks the user or sets another
/// waits until the transaction ends, and finds all that it gave. What others failed in at the account is forgiven only where
/// the password was held against it.
pub(super) async fn enter(target: &impl ConnectionTrait, entry: &Entry<'_>) -> Answer<bool> {
    let Entry { authenticated: Authenticated { user, at, proof: Proof::Password(password) }, begins } = *entry;
    let ProvenPassword { compared, anew, counted } = password;
    let unchanged = is(&user.tenant, &user.id)
        .add(user_account::Column::PasswordHash.eq(compared.as_str()))
        .add(user_account::Column::Blocked.eq(false));
    let mut entering = user_account::Entity::update_many()
        .col_expr(user_account::Column::PasswordHash, Expr::value(anew.as_ref().unwrap_or(compared).as_str()))
        .col_expr(user_account::Column::LastSignInAt, Expr::value(at.unix_millis()));
    if *counted == Counted::AtAccount {
        entering = entering
            .col_expr(user_account::Column::Failures, Expr::value(0))
            .col_expr(user_account::Column::LockedUntil, Expr::value(Lockout::NONE.until.unix_millis()));
    }
    if entering.filter(unchanged).exec(target).await?.rows_affected == 0 {
        return Ok(false);
    }
    if let Some(begins) = begins {
        sessions::begin(target, begins).await?;
        known_browsers::remember(target, &user.id, begins.known, *at).await?;
    }
    Ok(true)
}

struct Updating<'a> {
    tenant: &'a TenantId,
    id: &'a UserId,
    changes: &'a UserChanges,
    now: Timestamp,
}

impl Work for Updating<'_> {
    type Done = User;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<User> {
        let row = lock(transaction, self.tenant, self.id).await?;
        let mut user = user_of(&row)?;
        user.apply(self.changes.clone(), self.now);
        let changed = user_account::Model {
            failures: row.failures,
            locked_until: row.locked_until,
            ..row_of(&user, &PasswordHash::from_stored(row.password_hash))
        };
        let update = changed.into_active_model().reset_all().update(transaction).await;
        update.map_err(in_the_way(Kind::User))?;
        if user.blocked {
            sessions::end_all(transaction, self.id).await?;
        }
        Ok(user)
    }
}

struct SettingPassword<'a> {
    tenant: &'a TenantId,
    id: &'a UserId,
    password: &'a PasswordHash,
    now: Timestamp,
}

impl Work for SettingPassword<'_> {
    type Done = ();
    type Error = ConsentError;

    /// Who was locked out is heard with the new one.
    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<()> {
        lock(transaction, self.tenant, self.id).await?;
        user_account::Entity::update_many()
            .col_expr(user_account::Column::PasswordHash, Expr::value(self.password.as_str()))
            .col_expr(user_account::Column::Failures, Expr::value(0))
            .col_expr(user_account::Column::LockedUntil, Expr::value(Lockout::NONE.until.unix_millis()))
            .col_expr(user_account::Column::UpdatedAt, Expr::value(self.now.unix_millis()))
            .filter(is(self.tenant, self.id))
            .exec(transaction)
            .await?;
        sessions::end_all(transaction, self.id).await
    }
}

/// The user's row, which stays as it is until the transaction ends.
async fn lock(target: &impl ConnectionTrait, tenant: &TenantId, id: &UserId) -> Answer<user_account::Model> {
    let query = user_account::Entity::find().filter(is(tenant, id)).lock_exclusive();
    query.one(target).await?.ok_or(ConsentError::NotFound(Kind::User))
}

/// What [`Life::includes`] says, for the database.
pub(super) fn of_life(tenant: &TenantId, life: &Life) -> Condition {
    let unnamed = user_account::Column::TenantIncarnation
        .is_null()
        .and(user_account::Column::CreatedAt.gte(life.since.unix_millis()));
    let named = user_account::Column::TenantIncarnation.eq(life.incarnation.as_str());
    Condition::all().add(user_account::Column::TenantId.eq(tenant.as_str())).add(named.or(unnamed))
}

fn is(tenant: &TenantId, id: &UserId) -> Condition {
    Condition::all()
        .add(user_account::Column::TenantId.eq(tenant.as_str()))
        .add(user_account::Column::Id.eq(id.as_str()))
}

pub(super) fn has(tenant: &TenantId, email: &Email) -> Condition {
    Condition::all()
        .add(user_account::Column::TenantId.eq(tenant.as_str()))
        .add(user_account::Column::EmailKey.eq(email.key()))
}

pub(super) fn user_of(row: &user_account::Model) -> Answer<User> {
    Ok(User {
        id: read(&row.id)?,
        tenant: read(&row.tenant_id)?,
        email: read(&row.email)?,
        email_verified: row.email_verified,
        name: read(&row.name)?,
        blocked: row.blocked,
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
        last_sign_in_at: row.last_sign_in_at.map(time),
        incarnation: row.tenant_incarnation.as_deref().map(read).transpose()?,
    })
}

/// Without failures.
fn row_of(user: &User, password: &PasswordHash) -> user_account::Model {
    user_account::Model {
        id: user.id.to_string(),
        tenant_id: user.tenant.to_string(),
        email: user.email.to_string(),
        email_key: user.email.key(),
        email_verified: user.email_verified,
        name: user.name.as_str().to_owned(),
        password_hash: password.as_str().to_owned(),
        blocked: user.blocked,
        created_at: user.created_at.unix_millis(),
        updated_at: user.updated_at.unix_millis(),
        last_sign_in_at: user.last_sign_in_at.map(Timestamp::unix_millis),
        failures: 0,
        locked_until: Lockout::NONE.until.unix_millis(),
        tenant_incarnation: user.incarnation.as_ref().map(ToString::to_string),
    }
}
