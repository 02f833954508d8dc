//! The options that say what users may let clients do at an API, alike at `create` and `update`.

use clap::Args;
use mintage_api::registry::ConsentPolicy;

use crate::view::words::ThirdParties;

/// What users may let clients do.
#[derive(Debug, Default, Args)]
pub(crate) struct ConsentOptions {
    /// Whether users may consent to third-party clients; refused unless told
    #[arg(long)]
    third_parties: Option<ThirdParties>,
    /// Takes consent for granted where a first party is told apart by its redirect URIs
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    skip_consent_for_verifiable_first_parties: Option<bool>,
    /// Gives refresh tokens where offline_access is asked for
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_offline_access: Option<bool>,
}

impl ConsentOptions {
    /// The names of the options, for the group of those of which one is needed.
    pub(crate) const NAMES: [&str; 3] =
        ["third_parties", "skip_consent_for_verifiable_first_parties", "allow_offline_access"];

    /// Whether one was given.
    pub(crate) const fn is_given(&self) -> bool {
        self.third_parties.is_some()
            || self.skip_consent_for_verifiable_first_parties.is_some()
            || self.allow_offline_access.is_some()
    }

    /// The policy with what was given; the rest stays.
    pub(crate) fn over(self, policy: ConsentPolicy) -> ConsentPolicy {
        let skips = self.skip_consent_for_verifiable_first_parties;
        ConsentPolicy {
            third_parties: self.third_parties.map_or(policy.third_parties, i32::from),
            skip_for_verifiable_first_parties: skips.unwrap_or(policy.skip_for_verifiable_first_parties),
            allow_offline_access: self.allow_offline_access.unwrap_or(policy.allow_offline_access),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_stays() {
        let policy = ConsentPolicy {
            third_parties: ThirdParties::Allowed.into(),
            skip_for_verifiable_first_parties: true,
            allow_offline_access: false,
        };
        let options = ConsentOptions { allow_offline_access: Some(true), ..ConsentOptions::default() };
        assert!(options.is_given() && !ConsentOptions::default().is_given());
        assert_eq!(options.over(policy), ConsentPolicy { allow_offline_access: true, ..policy });
    }
}
