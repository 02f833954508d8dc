//! Lets the process open as many files as its doors let in connections, or lets in fewer.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::DoorLimits;

impl DoorLimits {
    /// These limits for each of `doors` doors of this process. The process's soft limit on open files is raised as far as
    /// they need; where the hard one is too low for that, each door lets in fewer connections, and the log says so.
    #[must_use]
    pub fn within_open_files(self, doors: usize) -> Self {
        let wanted = files(self.max_connections, doors);
        let may_open = raise(wanted);
        let fitted = self.fitted(doors, may_open);
        if fitted != self {
            tracing::warn!(
                max_connections = fitted.max_connections,
                wanted = self.max_connections,
                may_open,
                "the limit on open files is too low for so many connections: raise it to {wanted} (`ulimit -Hn`, \
                 LimitNOFILE= of systemd)"
            );
        }
        fitted
    }

    fn fitted(self, doors: usize, may_open: u64) -> Self {
        let may_open = usize::try_from(may_open).unwrap_or(usize::MAX);
        let share = may_open.saturating_sub(OTHER_FILES) / doors.max(1);
        Self { max_connections: self.max_connections.min(share.max(1)), ..self }
    }
}

fn files(connections: usize, doors: usize) -> u64 {
    u64::try_from(connections.saturating_mul(doors).saturating_add(OTHER_FILES)).unwrap_or(u64::MAX)
}

/// Raises the soft limit to `wanted` or as far as the hard one lets, and returns what it is then.
fn raise(wanted: u64) -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let now = current.unwrap_or(u64::MAX);
    let reachable = wanted.min(maximum.unwrap_or(u64::MAX));
    if now >= reachable {
        return now;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(reachable), maximum }) {
        Ok(()) => reachable,
        Err(error) => {
            tracing::warn!(%error, now, reachable, "the limit on open files cannot be raised");
            now
        }
    }
}

/// Databases, listeners, the log, sockets to siblings.
const OTHER_FILES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_door_gets_its_share_of_what_may_be_open() {
        let limits = DoorLimits { max_connections: 4096, ..DoorLimits::default() };
        assert_eq!(limits.fitted(3, 1 << 20), limits);
        assert_eq!(limits.fitted(3, u64::MAX), limits);
        assert_eq!(limits.fitted(3, 1024).max_connections, 256);
        assert_eq!(limits.fitted(3, 10).max_connections, 1, "a door that lets in nobody is no door");
    }

    #[test]
    fn the_soft_limit_follows_what_the_doors_need_as_far_as_the_hard_one() {
        let before = getrlimit(Resource::Nofile);
        let wanted = before.current.unwrap_or(1024).saturating_add(1);
        let reachable = wanted.min(before.maximum.unwrap_or(u64::MAX));
        assert_eq!(raise(wanted).min(wanted), reachable);
        let now = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        assert!(now >= reachable, "{now}");
    }
}
