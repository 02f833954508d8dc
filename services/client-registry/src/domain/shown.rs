//! Names that users decide by: what is hidden in them, or made to look like another's, is refused.

use mintage_oauth::is_hidden;
use unicode_security::confusable_detection::skeleton;
use unicode_security::{GeneralSecurityProfile, MixedScript};

use super::RegistryError;

/// Refuses a name of an application that a user could misread: characters that are not seen or that turn the text round, and
/// words of letters from two scripts (UTS #39 sections 3.1 and 5.1).
pub(crate) fn check_shown(parameter: &'static str, text: &str) -> Result<(), RegistryError> {
    if text.trim() != text {
        return Err(RegistryError::invalid(parameter, "it begins or ends with a space"));
    }
    if !text.chars().all(is_plain) {
        return Err(RegistryError::invalid(parameter, "it has a character that users may not see or may misread"));
    }
    if !text.split(|letter: char| !letter.is_alphanumeric()).all(MixedScript::is_single_script) {
        return Err(RegistryError::invalid(parameter, "a word of it mixes letters of two scripts"));
    }
    Ok(())
}

/// Refuses what users read of operators' words when something in it is not seen, or turns the text round. They may mix
/// scripts, and join letters as their language asks.
pub(crate) fn check_seen(parameter: &'static str, text: &str) -> Result<(), RegistryError> {
    if text.chars().any(|letter| is_hidden(letter) && !JOINERS.contains(&letter)) {
        return Err(RegistryError::invalid(
            parameter,
            "it has a character that is not seen or that turns the text round",
        ));
    }
    Ok(())
}

/// The same for names that look alike (UTS #39 section 4), whatever their case, spaces and punctuation. It is stored with every
/// client: where it changes, a migration writes it anew.
pub(crate) fn looks_like(name: &str) -> String {
    let folded = skeleton(name).collect::<String>().to_lowercase();
    let letters = skeleton(&folded).filter(|letter| letter.is_alphanumeric());
    // A capital I looks like a small l, so that in capitals both are one.
    letters.map(|letter| if letter == 'i' { 'l' } else { letter }).take(LONGEST_LOOKS).collect()
}

fn is_plain(letter: char) -> bool {
    let printed = letter == ' ' || letter.is_ascii_graphic() || TYPOGRAPHY.contains(letter);
    printed || (!JOINERS.contains(&letter) && letter.identifier_allowed())
}

/// A name has 128 characters, and each may look like many; an index takes no more.
const LONGEST_LOOKS: usize = 256;
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
const TYPOGRAPHY: &str = "‘’“”„«»–—…·•©®™€£";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_language_are_shown() {
        for name in [
            "Billing",
            "Müller & Söhne GmbH",
            "Кошелёк",
            "家計簿アプリ",
            "가계부",
            "محاسبة",
            "Acme – Россия",
            "a/b (c) #1",
            "",
        ] {
            assert!(check_shown("name", name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_hidden_or_mixed_is_refused() {
        for name in [
            "Ac\u{200b}me",
            "Ac\u{200d}me",
            "Ac\u{ad}me",
            "\u{202e}emcA",
            "Acme\u{2066}",
            "Acme\u{feff}",
            "Acme\u{e0041}",
            "Acme\u{2028}x",
            "Acme\u{a0}x",
            "Acme\u{3164}",
            "Acme\u{fe0f}",
            "\u{e000}",
            "А\u{63}me",
            "Gοοgle",
            "Ａcme",
            " Acme",
            "Acme ",
        ] {
            assert!(check_shown("name", name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn operators_words_are_in_any_language_and_nothing_in_them_is_hidden() {
        for text in ["Read your notes, e.g. “today’s”", "می\u{200c}خواهم", "Google Кошелёк 🔑", ""]
        {
            assert!(check_seen("name", text).is_ok(), "{text}");
        }
        for text in ["\u{202e}emcA", "Ac\u{200b}me", "Acme\u{2066}x", "Acme\u{200f}", "Acme\u{2028}x"] {
            assert!(check_seen("name", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_that_look_alike_are_one() {
        for (one, other) in [
            ("Acme", "ACME"),
            ("Acme Billing", "ACME BILLING"),
            ("Acme Bank", "acme-bank."),
            ("Paypal", "PaypaI"),
            ("Асе", "Ace"),
            ("modern", "rnodern"),
        ] {
            assert_eq!(looks_like(one), looks_like(other), "{one} {other}");
        }
        assert_ne!(looks_like("Acme"), looks_like("Acme 2"));
        assert_eq!(looks_like(&"\u{fdfa}".repeat(128)).chars().count(), LONGEST_LOOKS, "it fits into an index");
    }
}
