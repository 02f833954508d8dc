//! A page of docs/reference: written anew when asked, compared otherwise.

use std::fs;

use crate::workspace::root;

/// Asserts that `docs/reference/{name}` says what `fresh` says.
pub(super) fn assert_fresh(name: &str, fresh: &str) {
    let file = root().join("docs/reference").join(name);
    if update_asked() {
        fs::write(&file, fresh).expect("docs/reference can be written");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == fresh, "docs/reference/{name} is stale: run this test with UPDATE_REFERENCE=1");
}

/// A table in Markdown.
pub(super) fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = line(head.map(str::to_owned)) + &line([(); N].map(|()| "---".to_owned()));
    table.extend(rows.into_iter().map(line));
    table
}

/// `word` as code.
pub(super) fn code(word: &str) -> String {
    format!("`{word}`")
}

/// `words` with commas between them and `last` before the last: ``a, b or c``.
pub(super) fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., end] => format!("{} {last} {end}", rest.join(", ")),
    }
}

fn line<const N: usize>(cells: [String; N]) -> String {
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

#[expect(clippy::disallowed_methods, reason = "how a developer asks a test to write")]
fn update_asked() -> bool {
    std::env::var_os("UPDATE_REFERENCE").is_some()
}
