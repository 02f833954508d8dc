//! What operators ask of keys beside their lives: where private halves are, and whether there is a record that a
//! secret was shown.

use std::collections::{HashMap, HashSet};
use std::fmt;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entities::{key_fact, signing_key, token_object};
use super::{KeyStore, failed};
use crate::domain::{DeedKind, PortError};

/// Where a private half is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the database, sealed under the master key of this id.
    Sealed(String),
    /// In the token of this label.
    Token(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sealed(id) => write!(f, "master key {id}"),
            Self::Token(label) => write!(f, "token {label}"),
        }
    }
}

impl KeyStore {
    /// Where the private halves of these keys are; nothing of one that is nowhere any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn places(&self, kids: &[&str]) -> Result<HashMap<String, Place>, PortError> {
        let rows = signing_key::Entity::find()
            .select_only()
            .columns([signing_key::Column::Kid, signing_key::Column::SealedUnder, signing_key::Column::TokenObject])
            .filter(signing_key::Column::Kid.is_in(kids.iter().copied()))
            .into_tuple::<(String, Option<String>, Option<String>)>();
        let rows = rows.all(self.database.connection()).await.map_err(failed)?;
        let labels = self.labels(rows.iter().filter_map(|(_, _, object)| object.as_deref()).collect()).await?;
        let place = |(kid, under, object): (String, Option<String>, Option<String>)| {
            let inside = object.and_then(|object| labels.get(&object).cloned().map(Place::Token));
            Some((kid, inside.or(under.map(Place::Sealed))?))
        };
        Ok(rows.into_iter().filter_map(place).collect())
    }

    async fn labels(&self, objects: Vec<&str>) -> Result<HashMap<String, String>, PortError> {
        if objects.is_empty() {
            return Ok(HashMap::new());
        }
        let noted = token_object::Entity::find()
            .select_only()
            .columns([token_object::Column::Name, token_object::Column::Token])
            .filter(token_object::Column::Name.is_in(objects))
            .into_tuple::<(String, String)>();
        Ok(noted.all(self.database.connection()).await.map_err(failed)?.into_iter().collect())
    }

    /// Those of these secrets of a tenant of which there is a record that they were shown. Of the others nothing is known: a
    /// release that did not record it may have shown them, or the record of it is not kept any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shown_on_record(&self, tenant: &str, kids: &[&str]) -> Result<HashSet<String>, PortError> {
        let shown = key_fact::Entity::find()
            .select_only()
            .column(key_fact::Column::Kid)
            .distinct()
            .filter(key_fact::Column::TenantId.eq(tenant))
            .filter(key_fact::Column::Deed.eq(DeedKind::Shown.as_str()))
            .filter(key_fact::Column::Kid.is_in(kids.iter().copied()))
            .into_tuple::<Option<String>>();
        Ok(shown.all(self.database.connection()).await.map_err(failed)?.into_iter().flatten().collect())
    }
}
