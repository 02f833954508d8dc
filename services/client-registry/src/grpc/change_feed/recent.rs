//! The end of the log, kept in memory so that a write costs one read of it and not one for each watcher.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::change::Change;

/// The latest changes without a gap. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(Arc<RwLock<VecDeque<Change>>>);

impl Recent {
    /// Adds what came after the last change held; starts anew when there is a gap between.
    pub(super) fn extend(&self, changes: Vec<Change>) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            if held.back().is_some_and(|last| last.revision + 1 != change.revision) {
                held.clear();
            }
            held.push_back(change);
            if held.len() > CAPACITY {
                held.pop_front();
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// At most `limit` changes after `revision`; `None` when they are not all held.
    pub(super) fn after(&self, revision: u64, limit: usize) -> Option<Vec<Change>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let first = held.front()?.revision;
        let skipped = usize::try_from((revision + 1).checked_sub(first)?).ok()?;
        Some(held.iter().skip(skipped).take(limit).cloned().collect())
    }
}

const CAPACITY: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Subject;
    use mintage_oauth::TenantId;

    fn changes(revisions: std::ops::RangeInclusive<u64>) -> Vec<Change> {
        let change = |revision| Change { revision, tenant: TenantId::default_tenant(), subject: Subject::Tenant };
        revisions.map(change).collect()
    }

    #[test]
    fn what_is_not_all_held_is_not_answered() {
        let recent = Recent::default();
        assert_eq!(recent.after(0, 10), None);
        recent.extend(changes(5..=9));
        assert_eq!(recent.after(3, 10), None);
        assert_eq!(recent.after(4, 2), Some(changes(5..=6)));
        assert_eq!(recent.after(9, 10), Some(Vec::new()));
    }

    #[test]
    fn a_gap_starts_anew_and_old_changes_leave() {
        let recent = Recent::default();
        recent.extend(changes(1..=3));
        recent.extend(changes(7..=8));
        assert_eq!((recent.after(2, 10), recent.after(6, 10)), (None, Some(changes(7..=8))));
        recent.extend(changes(9..=2000));
        assert_eq!(recent.after(8, 1), None);
        assert_eq!(recent.after(1999, 1), Some(changes(2000..=2000)));
    }
}
