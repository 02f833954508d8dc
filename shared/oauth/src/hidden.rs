//! Characters that make a text say something else than it shows.

/// Whether a reader does not see a character, or it turns the text round: zero-width ones and joiners, controls of the
/// direction, separators of lines, tags (UTS #39 section 2.10, UAX #9 section 2).
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                // The two that follow choose how an emoji is drawn.
                | '\u{fe00}'..='\u{fe0d}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_or_turns_the_text_round_is_hidden_and_no_script_is() {
        for letter in [
            '\n',
            '\u{1b}',
            '\u{85}',
            '\u{200b}',
            '\u{200d}',
            '\u{200f}',
            '\u{202e}',
            '\u{2028}',
            '\u{2066}',
            '\u{feff}',
            '\u{e0041}',
            '\u{e0101}',
            '\u{fe01}',
            '\u{2800}',
        ] {
            assert!(is_hidden(letter), "{letter:?}");
        }
        for text in ["leaked on the 3rd — see 4711", "Кошелёк", "家計簿アプリ", "محاسبة", "खाता", "±5 % 🔑 ⚠\u{fe0f}"]
        {
            assert!(!text.chars().any(is_hidden), "{text}");
        }
    }
}
