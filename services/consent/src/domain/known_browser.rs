//! A browser in which a user signed in before: others who guess do not shut the user out there.
//!
//! Anybody who knows an address can keep its account locked. So a browser that proved once to be its user's has failures of
//! its own, and is heard while those are forgiven. The password is needed there as everywhere.

use std::time::Duration;

use mintage_clock::Timestamp;

use super::lockout::{Hearing, Lockout};

/// What failed lately, where somebody says to be a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failures {
    /// In browsers that the user is not known in.
    pub(crate) account: Lockout,
    /// In this one; `None`: the user is not known in it.
    pub(crate) browser: Option<Lockout>,
}

/// Where an attempt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    AtAccount,
    InBrowser,
}

impl Failures {
    /// Counts an attempt. A browser that used up what is forgiven it is one of all the others.
    pub(crate) fn count(self, now: Timestamp) -> (Self, Hearing, Counted) {
        let browser = self.browser.map(|browser| browser.count(now));
        if let Some((browser, Hearing::Heard)) = browser {
            return (Self { browser: Some(browser), ..self }, Hearing::Heard, Counted::InBrowser);
        }
        let (account, hearing) = self.account.count(now);
        (Self { account, browser: browser.map(|(browser, _)| browser) }, hearing, Counted::AtAccount)
    }
}

/// How long a user is known in a browser after a sign-in there.
pub(crate) const KNOWN_FOR: Duration = Duration::from_hours(24 * 90);
/// In how many browsers a user is known; of more, those where the last sign-in is longest ago are forgotten.
pub(crate) const MOST_BROWSERS: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    fn counted(failures: Failures, times: u32) -> (Failures, Vec<(Hearing, Counted)>) {
        (0..times).fold((failures, Vec::new()), |(failures, mut became), _| {
            let (after, hearing, counted) = failures.count(NOW);
            became.push((hearing, counted));
            (after, became)
        })
    }

    fn locked() -> Lockout {
        counted(Failures { account: Lockout::NONE, browser: None }, 5).0.account
    }

    #[test]
    fn b18_a_known_browser_is_heard_at_a_locked_account_and_counts_for_itself() {
        let start = Failures { account: locked(), browser: Some(Lockout::NONE) };
        let (after, became) = counted(start, 5);
        assert_eq!(became, [(Hearing::Heard, Counted::InBrowser); 5]);
        assert_eq!(after.account, start.account);
    }

    #[test]
    fn b18_a_browser_that_used_up_what_is_forgiven_it_is_one_of_all_the_others() {
        let (after, became) = counted(Failures { account: Lockout::NONE, browser: Some(locked()) }, 6);
        assert_eq!(became[..5], [(Hearing::Heard, Counted::AtAccount); 5]);
        assert_eq!(became[5], (Hearing::Locked, Counted::AtAccount));
        assert_eq!(after.account.failures, 6);
        let again = after.count(after.browser.map_or(NOW, |browser| browser.until));
        assert_eq!((again.1, again.2), (Hearing::Heard, Counted::InBrowser), "until its time has passed");
    }

    #[test]
    fn b18_without_one_everything_counts_at_the_account() {
        let (after, became) = counted(Failures { account: Lockout::NONE, browser: None }, 6);
        assert!(became.iter().all(|(_, counted)| *counted == Counted::AtAccount));
        assert_eq!((became[5].0, after.browser), (Hearing::Locked, None));
    }
}
