//! What pages say: one catalogue a language, in which nothing can be missing.

mod english;
mod german;

use mintage_clock::Timestamp;

use crate::domain::Language;

/// Every text of the pages, in one language.
pub(in crate::http) struct Texts {
    /// BCP 47, for the `lang` of the page.
    pub(super) lang: &'static str,

    pub(super) sign_in: &'static str,
    pub(super) sign_in_for: Phrase,
    pub(super) email: &'static str,
    pub(super) password: &'static str,
    pub(super) sign_in_refused: &'static str,
    pub(super) too_many_attempts: &'static str,

    pub(super) consent_title: Phrase,
    pub(super) by_owner: Phrase,
    pub(super) third_party: Phrase,
    pub(super) registered_itself: Phrase,
    pub(super) first_party: Phrase,
    pub(super) wants_at: Phrase,
    pub(super) wants: &'static str,
    pub(super) nothing_new: &'static str,
    pub(super) optional: &'static str,
    pub(super) granted: &'static str,
    pub(super) asked_each_time: &'static str,
    pub(super) goes_next: Phrase,
    pub(super) goes_next_if_allowed: Phrase,
    pub(super) changed: &'static str,
    pub(super) on_device: &'static str,
    pub(super) taken_back: Phrase,
    pub(super) signed_in_as: Phrase,
    pub(super) not_you: &'static str,
    pub(super) allow: &'static str,
    pub(super) refuse: &'static str,
    pub(super) about: &'static str,
    pub(super) privacy: &'static str,
    pub(super) terms: &'static str,
    pub(super) scope_openid: &'static str,
    pub(super) scope_profile: &'static str,
    pub(super) scope_email: &'static str,
    pub(super) scope_offline_access: &'static str,

    pub(super) applications: &'static str,
    pub(super) applications_intro: &'static str,
    pub(super) applications_none: &'static str,
    pub(super) application_gone: &'static str,
    pub(super) third_party_mark: &'static str,
    pub(super) registered_itself_mark: &'static str,
    pub(super) stopped: Phrase,
    pub(super) removed: &'static str,
    pub(super) may_at: Phrase,
    pub(super) may: &'static str,
    pub(super) since: &'static str,
    pub(super) last_used: &'static str,
    pub(super) never: &'static str,
    pub(super) revoke: &'static str,
    pub(super) revoke_means: &'static str,
    pub(super) revoke_yes: Phrase,

    pub(super) one_moment: &'static str,
    pub(super) being_sent: Phrase,
    pub(super) going_on: &'static str,
    pub(super) go_on: &'static str,

    pub(super) request_refused: &'static str,
    pub(super) request_refused_means: Phrase,
    pub(super) user_refused: &'static str,
    pub(super) user_refused_means: Phrase,
    pub(super) may_go_back: Phrase,
    pub(super) go_to_application: &'static str,
    pub(super) it_is_told: &'static str,

    pub(super) sign_out: &'static str,
    pub(super) sign_out_question: &'static str,
    pub(super) sign_out_means: Phrase,
    pub(super) stay: &'static str,
    pub(super) signed_out: &'static str,
    pub(super) signed_out_means: &'static str,

    pub(super) reference: &'static str,
    pub(super) back_to: Phrase,
    pub(super) client_unknown: Trouble,
    pub(super) redirect_uri_mismatch: Trouble,
    pub(super) interaction_over: Trouble,
    pub(super) no_cookies: Trouble,
    pub(super) cross_site: Trouble,
    pub(super) nothing_here: Trouble,
    pub(super) unreadable: Trouble,
    pub(super) unavailable: Trouble,
    pub(super) too_many_requests: Trouble,
    pub(super) fault: Trouble,

    day: fn(year: i64, month: &str, day: u32) -> String,
    months: [&'static str; 12],
}

/// A text around a name.
pub(super) struct Phrase {
    pub(super) before: &'static str,
    pub(super) after: &'static str,
}

impl Phrase {
    const fn around(before: &'static str, after: &'static str) -> Self {
        Self { before, after }
    }
}

/// What went wrong, and what can be done about it.
pub(super) struct Trouble {
    pub(super) title: &'static str,
    pub(super) advice: &'static str,
}

impl Texts {
    /// Those of a language.
    pub(in crate::http) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &english::TEXTS,
            Language::German => &german::TEXTS,
        }
    }

    /// The tag to go along to our other pages, where a client has asked for languages: they are in the same one then.
    pub(super) fn asked_for(&self, ui_locales: &str) -> Option<&'static str> {
        (!ui_locales.is_empty()).then_some(self.lang)
    }

    /// A day as people write it, in universal time.
    pub(super) fn day(&self, at: Timestamp) -> String {
        let (year, month, day) = civil(at.unix_seconds().div_euclid(86_400));
        let name = self.months.iter().zip(1..).find_map(|(name, number)| (number == month).then_some(*name));
        (self.day)(year, name.unwrap_or_default(), day)
    }
}

/// Year, month and day of so many days after 1 January 1970, by the Gregorian calendar. Counted from March on, leap days
/// come last in a year and months follow one rule.
fn civil(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_each_language_does() {
        let at = Timestamp::from_unix_seconds(1_800_000_000);
        assert_eq!(Texts::of(Language::English).day(at), "15 January 2027");
        assert_eq!(Texts::of(Language::German).day(at), "15. Januar 2027");
        let leap = Timestamp::from_unix_seconds(951_782_400);
        assert_eq!(Texts::of(Language::English).day(leap), "29 February 2000");
        assert_eq!(Texts::of(Language::English).day(Timestamp::from_unix_seconds(-1)), "31 December 1969");
    }
}
