//! The languages that people are spoken to in.

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, for whoever asks for none that there is.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// Each behind its tag (BCP 47).
    pub const ALL: [(&str, Self); 2] = [("en", Self::English), ("de", Self::German)];

    /// The first that there is: of `ui_locales`, which a client chooses in order of preference (OpenID Connect Core 1.0
    /// section 3.1.2.1), then of `accepted`, the browser's `Accept-Language` (RFC 9110 section 12.5.4).
    #[must_use]
    pub fn choose(ui_locales: &str, accepted: &str) -> Self {
        let asked = ui_locales.split(' ').take(MAX_RANGES).find_map(Self::of_tag);
        asked.or_else(|| Self::most_accepted(accepted)).unwrap_or_default()
    }

    /// The language of a tag (BCP 47), whatever its region.
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find_map(|(name, language)| name.eq_ignore_ascii_case(primary).then_some(language))
    }

    /// Of two that are accepted alike, the one that stands first.
    fn most_accepted(accepted: &str) -> Option<Self> {
        let ranges = accepted.split(',').take(MAX_RANGES).filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let language = Self::of_tag(parts.next()?)?;
            let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths)?;
            (quality > 0).then_some((quality, language))
        });
        let best = ranges.fold(None, |best: Option<(u16, Self)>, (quality, language)| match best {
            Some((before, _)) if before >= quality => best,
            _ => Some((quality, language)),
        });
        best.map(|(_, language)| language)
    }
}

/// A quality value: `0`, `1`, or either with up to three digits behind a point, and not above one.
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, digits) = quality.split_once('.').unwrap_or((quality, ""));
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let parts: u16 = format!("{digits:0<3}").parse().ok()?;
    match whole {
        "0" => Some(parts),
        "1" if parts == 0 => Some(1000),
        _ => None,
    }
}

/// Nobody reads more languages than these.
const MAX_RANGES: usize = 16;

#[cfg(test)]
mod tests {
    use super::Language::{English, German};
    use super::*;

    #[test]
    fn a_client_chooses_before_the_browser() {
        assert_eq!(Language::choose("de-AT en", "en"), German);
        assert_eq!(Language::choose("fr DE", "en"), German);
        assert_eq!(Language::choose("fr it", "de"), German);
        assert_eq!(Language::choose("", ""), English);
    }

    #[test]
    fn the_browser_accepts_by_quality_and_then_by_order() {
        assert_eq!(Language::choose("", "de-DE,de;q=0.9,en;q=0.8"), German);
        assert_eq!(Language::choose("", "en;q=0.1, de;q=0.25"), German);
        assert_eq!(Language::choose("", "fr, en, de"), English);
        assert_eq!(Language::choose("", "de;q=0, en;q=0.1"), English);
        assert_eq!(Language::choose("", "de;q=1.5"), English);
        assert_eq!(Language::choose("", "de;q=x"), English);
        assert_eq!(Language::choose("", "*"), English);
    }

    #[test]
    fn no_header_is_read_further_than_anyone_reads() {
        let long = format!("{}de", "fr,".repeat(10_000));
        assert_eq!(Language::choose("", &long), English);
    }
}
