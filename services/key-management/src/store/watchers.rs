//! What the watchers of every replica hold, for whichever of them activates a key.

use mintage_oauth::TenantId;
use mintage_store::StoreError;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::{key_set_watcher, watch_replica};
use super::{KeyStore, convert, failed, refused};
use crate::domain::PortError;
use crate::domain::ports::Held;

/// A watcher that counts, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptWatcher {
    /// Its place at its replica.
    pub seat: i64,
    /// Whose key set it watches.
    pub tenant: TenantId,
    /// What operators see of it.
    pub name: String,
    /// The version that it holds; 0 for none.
    pub version: u64,
}

/// What changed of a replica's watchers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatcherChanges {
    /// Those that are new, or hold another version.
    pub kept: Vec<KeptWatcher>,
    /// The seats of those that left.
    pub gone: Vec<i64>,
}

impl KeyStore {
    /// A sign of life of a replica, the one after `beat`, and what changed of its watchers: all of it or nothing. `false`,
    /// and nothing is kept, when the last sign of life is not `beat`: what is kept is not what the replica last wrote.
    ///
    /// # Errors
    /// When it cannot be kept, or nobody knows whether it was.
    pub async fn beat(&self, replica: &str, beat: i64, changes: &WatcherChanges) -> Result<bool, PortError> {
        let (replica, changes) = (replica.to_owned(), changes.clone());
        let beating = self.database.transaction(async move |work| {
            // First, so that whoever forgets the replica at the same time waits, and then finds that it lives.
            let beaten = watch_replica::Entity::update_many()
                .col_expr(watch_replica::Column::Beat, Expr::value(beat + 1))
                .filter(watch_replica::Column::Id.eq(replica.as_str()))
                .filter(watch_replica::Column::Beat.eq(beat))
                .exec(work)
                .await?;
            if beaten.rows_affected == 0 {
                return Ok(false);
            }
            keep(&replica, &changes, work).await?;
            Ok::<_, StoreError>(true)
        });
        beating.await.map_err(refused)
    }

    /// Puts a replica's watchers in the place of whatever is kept of it, with a sign of life.
    ///
    /// # Errors
    /// When it cannot be kept, or nobody knows whether it was.
    pub async fn begin_anew(&self, replica: &str, beat: i64, watchers: &[KeptWatcher]) -> Result<(), PortError> {
        let (replica, watchers) = (replica.to_owned(), watchers.to_vec());
        let beginning = self.database.transaction(async move |work| {
            let row = watch_replica::ActiveModel { id: Set(replica.clone()), beat: Set(beat) };
            let again =
                OnConflict::column(watch_replica::Column::Id).update_column(watch_replica::Column::Beat).to_owned();
            watch_replica::Entity::insert(row).on_conflict(again).exec_without_returning(work).await?;
            delete_watchers(&replica, work).await?;
            for some in watchers.chunks(ROWS_A_STATEMENT) {
                let changes = WatcherChanges { kept: some.to_vec(), gone: Vec::new() };
                keep(&replica, &changes, work).await?;
            }
            Ok::<_, StoreError>(())
        });
        beginning.await.map_err(refused)
    }

    /// The signs of life of replicas that have watchers, by the replica's id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn beats(&self) -> Result<Vec<(String, i64)>, PortError> {
        let rows = watch_replica::Entity::find().limit(MOST_REPLICAS).all(self.database.connection()).await;
        Ok(rows.map_err(failed)?.into_iter().map(|row| (row.id, row.beat)).collect())
    }

    /// Forgets a replica with its watchers, if `beat` is its last sign of life yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_replica(&self, replica: &str, beat: i64) -> Result<(), PortError> {
        let replica = replica.to_owned();
        let forgetting = self.database.transaction(async move |work| {
            let is_silent = watch_replica::Column::Beat.eq(beat);
            let dead = watch_replica::Entity::delete_by_id(replica.clone()).filter(is_silent).exec(work).await?;
            if dead.rows_affected > 0 {
                delete_watchers(&replica, work).await?;
            }
            Ok::<_, StoreError>(())
        });
        forgetting.await.map_err(refused)
    }

    /// What the watchers of a tenant's key set hold that are connected to one of `replicas`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_at(&self, tenant: &TenantId, version: u64, replicas: &[String]) -> Result<Held, PortError> {
        if replicas.is_empty() {
            return Ok(Held::default());
        }
        let there = Condition::all()
            .add(key_set_watcher::Column::TenantId.eq(tenant.as_str()))
            .add(key_set_watcher::Column::ReplicaId.is_in(replicas));
        let behind = key_set_watcher::Column::Version.lt(convert::signed(version));
        let connection = self.database.connection();
        let of_tenant = key_set_watcher::Entity::find().filter(there);
        let all = of_tenant.clone().count(connection).await.map_err(failed)?;
        let waiting = of_tenant.filter(behind);
        let missing = waiting.clone().count(connection).await.map_err(failed)?;
        let named = waiting.order_by_asc(key_set_watcher::Column::Watcher).limit(MOST_NAMES).all(connection);
        let waiting_for = named.await.map_err(failed)?.into_iter().map(|row| row.watcher).collect();
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        // Between the two countings one may have come, or acknowledged: whoever is missing must not be overlooked.
        let watchers = count(Ord::max(all, missing));
        Ok(Held { watchers, holding: watchers - count(missing), waiting_for })
    }
}

async fn keep(replica: &str, changes: &WatcherChanges, work: &impl ConnectionTrait) -> Result<(), StoreError> {
    let WatcherChanges { kept, gone } = changes;
    if !kept.is_empty() {
        let row = |watcher: &KeptWatcher| key_set_watcher::ActiveModel {
            replica_id: Set(replica.to_owned()),
            seat: Set(watcher.seat),
            tenant_id: Set(watcher.tenant.to_string()),
            watcher: Set(watcher.name.clone()),
            version: Set(convert::signed(watcher.version)),
        };
        let again = OnConflict::columns([key_set_watcher::Column::ReplicaId, key_set_watcher::Column::Seat])
            .update_column(key_set_watcher::Column::Version)
            .to_owned();
        let rows = key_set_watcher::Entity::insert_many(kept.iter().map(row)).on_conflict(again);
        rows.exec_without_returning(work).await?;
    }
    if !gone.is_empty() {
        let left = Condition::all()
            .add(key_set_watcher::Column::ReplicaId.eq(replica))
            .add(key_set_watcher::Column::Seat.is_in(gone.iter().copied()));
        key_set_watcher::Entity::delete_many().filter(left).exec(work).await?;
    }
    Ok(())
}

async fn delete_watchers(replica: &str, work: &impl ConnectionTrait) -> Result<(), StoreError> {
    let its = key_set_watcher::Column::ReplicaId.eq(replica);
    key_set_watcher::Entity::delete_many().filter(its).exec(work).await?;
    Ok(())
}

/// Watchers in one statement, far below what either database takes as parameters.
pub(crate) const ROWS_A_STATEMENT: usize = 500;
const MOST_REPLICAS: u64 = 1000;
const MOST_NAMES: u64 = 20;
