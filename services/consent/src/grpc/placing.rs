//! Grants of a release that did not note which API of a name they are for.
//!
//! The purge places all of them, which takes a while where there are many. Whoever comes by then with what such a grant gave
//! has done nothing wrong: the grant is placed for it, or it is told to come again, and is never told that it holds nothing.

use super::Desk;
use crate::domain::ConsentError;
use crate::domain::application::Api;
use crate::domain::grant::{Between, UserGrant};
use crate::purge::is_known;

impl Desk {
    /// What the user granted there, if anything; not what was granted at an API that had the name before. `api` is what
    /// `between` is about.
    pub(super) async fn grant_between(
        &self,
        between: &Between,
        api: Option<&Api>,
    ) -> Result<Option<UserGrant>, ConsentError> {
        let found = match (self.store.grant_between(between).await?, api) {
            (Some(found), Some(api)) => Some(self.placed(found, api).await?),
            (found, _) => found,
        };
        Ok(found.filter(|grant| between.is_definite() && grant.between == *between))
    }

    /// The grant, placed if it was not and is for the API that has its name now.
    ///
    /// # Errors
    /// [`ConsentError::Unavailable`] while it cannot be told.
    pub(super) async fn placed(&self, mut grant: UserGrant, api: &Api) -> Result<UserGrant, ConsentError> {
        if !grant.may_be_for(&api.life) {
            return Ok(grant);
        }
        // Where another registry says so, the grant is for none that the right one has, and would be forgotten for it.
        if !is_known(&self.store, &self.registry, &self.clock).await? {
            return Err(ConsentError::Unavailable("it is not known yet for which API a grant is".into()));
        }
        self.store.place_grant(&grant.id, &api.life.incarnation).await?;
        grant.between.api = Some(api.life.incarnation.clone());
        Ok(grant)
    }
}
