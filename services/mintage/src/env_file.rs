//! Lines of `KEY=VALUE` that a POSIX shell sources and that we read to the same values.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

/// One setting of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// What stands before the `=`.
    pub(crate) name: &'a str,
    /// What the value means, without its quotes.
    pub(crate) value: String,
}

/// What is wrong with a line. Never shows the line: it may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct Fault {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) what: What,
}

/// Why a line is no setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum What {
    /// There is no `=`.
    #[error("this is not KEY=VALUE")]
    NoEquals,
    /// Nothing is called so.
    #[error("the key is unknown")]
    UnknownKey,
    /// A line before sets it already.
    #[error("the key stands twice")]
    Twice,
    /// A shell would not take the value as it stands.
    #[error("the value has a space or one of |&;<>()~ outside of quotes: put it in single quotes")]
    Bare,
    /// A shell would put something else in its place.
    #[error("nothing is expanded here: put a value with $ or ` in single quotes")]
    Expansion,
    /// A quote that opens and does not close.
    #[error("a quote is not closed")]
    Open,
    /// A control character.
    #[error("the value holds a control character")]
    Control,
}

/// Every setting of `text`, in order. Empty lines and lines that start with `#` say nothing.
///
/// # Errors
/// The first line that is neither.
pub(crate) fn entries(text: &str) -> Result<Vec<Entry<'_>>, Fault> {
    let said = text.lines().zip(1..).filter(|(text, _)| !text.trim().is_empty() && !text.starts_with('#'));
    said.map(|(text, line)| entry(text, line).map_err(|what| Fault { line, what })).collect()
}

/// What `name` is set to in `text`, whatever its other lines say; nothing counts as not set.
///
/// # Errors
/// The line is there and cannot be read.
pub(crate) fn value_of(text: &str, name: &str) -> Result<Option<String>, Fault> {
    let is_named = |text: &str| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
    let Some((text, line)) = text.lines().zip(1..).find(|(text, _)| is_named(text)) else { return Ok(None) };
    let Entry { value, .. } = entry(text, line).map_err(|what| Fault { line, what })?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// The line that sets `name` to `value`, with its end. A value with a control character cannot be read again.
pub(crate) fn line(name: &str, value: &str) -> String {
    format!("{name}={}\n", quoted(value))
}

fn entry(text: &str, line: usize) -> Result<Entry<'_>, What> {
    let (name, value) = text.split_once('=').ok_or(What::NoEquals)?;
    Ok(Entry { line, name, value: unquoted(value)? })
}

/// As a shell takes it for one word (POSIX.1-2024, XCU section 2.2): bare where nothing in it means anything there.
pub(crate) fn quoted(value: &str) -> Cow<'_, str> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:@%+,=".contains(letter);
    match value.chars().all(plain) {
        true => Cow::Borrowed(value),
        false => Cow::Owned(format!("'{}'", value.replace('\'', r"'\''"))),
    }
}

/// The value of a word that a shell would not expand.
fn unquoted(word: &str) -> Result<String, What> {
    let mut value = String::with_capacity(word.len());
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => single(&mut letters, &mut value)?,
            '"' => double(&mut letters, &mut value)?,
            '\\' => value.push(letters.next().ok_or(What::Open)?),
            '$' | '`' => return Err(What::Expansion),
            _ if letter.is_whitespace() || "|&;<>()~".contains(letter) => return Err(What::Bare),
            _ => value.push(letter),
        }
    }
    if value.contains(char::is_control) { Err(What::Control) } else { Ok(value) }
}

fn single(letters: &mut Peekable<Chars<'_>>, value: &mut String) -> Result<(), What> {
    loop {
        match letters.next().ok_or(What::Open)? {
            '\'' => return Ok(()),
            letter => value.push(letter),
        }
    }
}

/// Within double quotes, `\` quotes only what could mean something there.
fn double(letters: &mut Peekable<Chars<'_>>, value: &mut String) -> Result<(), What> {
    loop {
        match letters.next().ok_or(What::Open)? {
            '"' => return Ok(()),
            '$' | '`' => return Err(What::Expansion),
            '\\' => value.push(letters.next_if(|letter| "$`\"\\".contains(*letter)).unwrap_or('\\')),
            letter => value.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const NASTY: [&str; 12] = [
        "",
        "127.0.0.1:9090",
        "/tmp/my data/ca.pem",
        "it's",
        "'",
        "$HOME `id` $(id)",
        "a\\b\\",
        "say \"no\"",
        "~/x;y&z|<>()",
        "a=b#c*?[d]{e,f}!",
        " both ends ",
        "Zürich",
    ];

    /// What `sh` makes of the word behind a `=`.
    fn in_a_shell(word: &str) -> String {
        let script = format!("unset HOME; V={word}\nprintf %s \"$V\"");
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{word}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again_by_us_and_by_a_shell() {
        for value in NASTY {
            let written = line("V", value);
            let word = written.strip_prefix("V=").unwrap().trim_end_matches('\n');
            assert_eq!(unquoted(word).as_deref(), Ok(value));
            assert_eq!(in_a_shell(word), value, "{word}");
        }
    }

    #[test]
    fn a_value_is_quoted_only_where_it_must_be() {
        assert_eq!(line("A", "https://localhost:8443/"), "A=https://localhost:8443/\n");
        assert_eq!(line("A", "a b"), "A='a b'\n");
    }

    #[test]
    fn words_that_people_write_mean_what_a_shell_says() {
        for word in ["\"a b\"", r#""a\"b\$c\d""#, r"a\ b", "a'b'\"c\"d", "a*b?[c]#d", "''", "a%20=b"] {
            assert_eq!(unquoted(word).unwrap(), in_a_shell(word), "{word}");
        }
    }

    #[test]
    fn what_a_shell_would_expand_split_or_wait_for_is_refused() {
        assert_eq!(unquoted("a b"), Err(What::Bare));
        assert_eq!(unquoted("a "), Err(What::Bare));
        assert_eq!(unquoted("~/a"), Err(What::Bare));
        assert_eq!(unquoted("a;id"), Err(What::Bare));
        assert_eq!(unquoted("$HOME"), Err(What::Expansion));
        assert_eq!(unquoted("\"`id`\""), Err(What::Expansion));
        assert_eq!(unquoted("'a"), Err(What::Open));
        assert_eq!(unquoted("\"a\\\""), Err(What::Open));
        assert_eq!(unquoted("a\\"), Err(What::Open));
        assert_eq!(unquoted("'a\u{1b}[1m'"), Err(What::Control));
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        let read = entries("# the demo\n\nA='a b'\nB=\n").unwrap();
        let read: Vec<_> = read.iter().map(|Entry { line, name, value }| (*line, *name, value.as_str())).collect();
        assert_eq!(read, [(3, "A", "a b"), (4, "B", "")]);
        assert_eq!(entries("A=a\nB"), Err(Fault { line: 2, what: What::NoEquals }));
        assert_eq!(entries("A=a b"), Err(Fault { line: 1, what: What::Bare }));
    }

    #[test]
    fn one_value_is_found_beside_lines_that_cannot_be_read() {
        let text = "BROKEN\nAB=wrong\nA='a b'\nC=a b\nD=\n";
        assert_eq!(value_of(text, "A"), Ok(Some("a b".to_owned())));
        assert_eq!(value_of(text, "C"), Err(Fault { line: 4, what: What::Bare }));
        assert_eq!((value_of(text, "D"), value_of(text, "E")), (Ok(None), Ok(None)));
    }
}
