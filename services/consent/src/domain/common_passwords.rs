//! Passwords that are guessed first: made of little, of rows and rounds of keys, or of the words that everybody takes.

use zeroize::Zeroizing;

/// Whether whoever guesses gets there soon.
pub(crate) fn is_common(password: &str) -> bool {
    let letters: Zeroizing<Vec<char>> = Zeroizing::new(password.to_lowercase().chars().collect());
    has_few_characters(&letters) || repeats_a_short_part(&letters) || is_of_runs(&letters) || is_of_words(&letters)
}

/// Whatever their order.
fn has_few_characters(letters: &[char]) -> bool {
    let mut different = Zeroizing::new(letters.to_vec());
    different.sort_unstable();
    different.dedup();
    different.len() < FEWEST_DIFFERENT
}

/// `abc1abc1abc1`, or a part of the last round missing.
fn repeats_a_short_part(letters: &[char]) -> bool {
    (1..=LONGEST_PART).any(|part| {
        part * 2 <= letters.len() && letters.iter().zip(letters.iter().skip(part)).all(|(one, next)| one == next)
    })
}

/// Made of rows of the keyboard, of the alphabet or of numbers, four keys or more at a time, in either direction, with
/// little behind.
fn is_of_runs(letters: &[char]) -> bool {
    let mut rest = letters;
    while rest.len() > LONGEST_TAIL {
        let run = ROWS.iter().map(|row| run_along(row, rest)).max().unwrap_or(0);
        let Some(after) = rest.get(run..).filter(|_| run >= SHORTEST_RUN) else { return false };
        rest = after;
    }
    true
}

/// How many letters at the beginning of `letters` follow each other in `row`, which begins again at its end.
fn run_along(row: &str, letters: &[char]) -> usize {
    let row: Vec<char> = row.chars().collect();
    let starts = row.iter().enumerate().filter(|(_, key)| Some(*key) == letters.first());
    let along = |step: usize, start: usize| {
        let key = |count: usize| row.get((start + count * step) % row.len());
        letters.iter().enumerate().take_while(|(count, letter)| key(*count) == Some(*letter)).count()
    };
    starts.map(|(start, _)| along(1, start).max(along(row.len() - 1, start))).max().unwrap_or(0)
}

/// One or two of the words, with numbers and signs around and between, or in the place of letters.
fn is_of_words(letters: &[char]) -> bool {
    let bare: Zeroizing<String> =
        Zeroizing::new(letters.iter().filter(|letter| letter.is_alphabetic()).map(folded).collect());
    let first = letters.iter().position(|letter| letter.is_alphabetic()).unwrap_or(0);
    let behind = letters.iter().rposition(|letter| letter.is_alphabetic()).map_or(0, |last| last + 1);
    let within = letters.get(first..behind).unwrap_or_default().iter();
    let masked: Zeroizing<String> =
        Zeroizing::new(within.map(folded).filter(|letter| letter.is_alphabetic()).collect());
    [bare, masked].iter().any(|text| !text.is_empty() && are_words(text, MOST_WORDS))
}

fn are_words(text: &str, at_most: usize) -> bool {
    let follows = |word: &str| text.strip_prefix(word).is_some_and(|rest| are_words(rest, at_most - 1));
    text.is_empty() || (at_most > 0 && WORDS.split(' ').any(follows))
}

/// The letter that a digit or a sign often stands for; `i` and `l` are one, since `1` stands for both.
fn folded(letter: &char) -> char {
    match *letter {
        '0' => 'o',
        '1' | '!' | '|' | 'i' => 'l',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

const FEWEST_DIFFERENT: usize = 5;
const LONGEST_PART: usize = 8;
const SHORTEST_RUN: usize = 4;
const LONGEST_TAIL: usize = 2;
const MOST_WORDS: usize = 2;

/// Of three kinds of keyboards.
const ROWS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()",
];

/// With `i` as `l`.
const WORDS: &str = "\
    abc access account adm admln admlnlstrator alexander amanda andrea andrew angel anthony apple ashley august \
    autumn azerty baby balley banana baseball basketball batman bltcoln bond buster buttercup butterfly changelt \
    changeme charlle cheese chelsea chocolate company computer cookle correcthorsebatterystaple danlel december \
    default demo dragon enter example facebook february flower football forever freedom frlday frlend ghost glnger \
    glthub god google guest gultar hannah harley harrypotter hello hunter january jennlfer jesslca jesus jordan \
    joshua july june justln kller klller klngdom kltty letmeln llnkedln llove lloveyou llverpool lnternet logln love \
    lovely lphone lucky maggle manager march martln master matrlx matthew me mlchael mlchelle mlcrosoft mlntage \
    monday monkey motdepasse mustang my mynamels mypassword naruto new nlcholas nlcole november october oracle \
    orange pa pass passphrase passwd password passwort pepper please pokemon postgres prlncess purple qwerty qwertz \
    ralnbow robert root samantha samsung saturday secret september server shadow snoopy soccer sprlng starwars \
    summer sunday sunshlne superman superuser support sys system taylor temp temporary test testlng the thomas \
    thunder thursday tlgger trustno tuesday unknown user wednesday welcome whatever wllllam wlnter yankees yellow \
    you";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_common() {
        for text in [
            "aaaaaaaaaaaa",
            "abababababab",
            "aaaabbbbcccc",
            "abc1abc1abc1",
            "passworpasswor",
            "abcdefghijkl",
            "zyxwvutsrqpo",
            "123456789012",
            "098765432109",
            "qwertyuiopas",
            "qwertyuiop1234",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "asdfghjklasdf",
            "Password1234",
            "password12345!",
            "P@ssw0rd2024!",
            "l3tm31n12345",
            "Welcome2026!!",
            "adminadmin123",
            "admin-password-1",
            "iloveyou12345",
            "ChangeMe12345",
            "Summer2026!!!",
            "mintagemintage",
            "correcthorsebatterystaple",
            "12password34!",
        ] {
            assert!(is_common(text), "{text}");
        }
    }

    #[test]
    fn what_somebody_thought_of_is_not() {
        for text in [
            "kq8-Vn2.xT7!",
            "plum orbit kettle",
            "839201847362",
            "correct horse battery",
            "tr0ub4dor&3-x9",
            "zürich-regen-42",
            "我喜欢吃苹果和香蕉还有梨",
            "dragon monkey sunshine",
            "passwordsarehard",
            "qwertyuiop-kq8v",
        ] {
            assert!(!is_common(text), "{text}");
        }
    }

    #[test]
    fn every_word_is_written_as_it_is_looked_for() {
        for word in WORDS.split(' ') {
            let as_looked_for: String = word.chars().map(|letter| folded(&letter)).collect();
            assert!(
                as_looked_for == word && !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase()),
                "{word}"
            );
        }
    }

    #[test]
    fn the_longest_password_is_judged_soon() {
        let long: String = "passyou".chars().cycle().take(255).chain(['x']).collect();
        assert!(!is_common(&long));
    }
}
