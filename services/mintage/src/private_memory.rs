//! What a process holds in memory stays there.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// From now on nothing writes the memory of this process down when it dies, and no process of the same user may look into
/// it (prctl(2), `PR_SET_DUMPABLE`): there are private keys, secrets and tokens in it. The limit keeps a core from being
/// written where the kernel asks only that; the other way also keeps it from what is told to collect cores.
///
/// # Errors
/// When the system refuses.
pub(crate) fn keep() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn b34_a_process_leaves_no_core_and_lets_nobody_look_into_it() {
        keep().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        let Rlimit { current, maximum } = getrlimit(Resource::Core);
        assert_eq!((current, maximum), (Some(0), Some(0)));
    }
}
