//! Blocks as lines for people.

use comfy_table::presets::NOTHING;
use comfy_table::{Row, Table};

use super::Block;

/// The lines of `blocks`, with an empty one between two of them.
pub(super) fn lines(blocks: &[Block]) -> Vec<String> {
    blocks.iter().map(of_block).collect::<Vec<_>>().join(&String::new())
}

fn of_block(block: &Block) -> Vec<String> {
    match block {
        Block::Grid(head, rows) => {
            let mut table = Table::new();
            table.set_header(Row::from(head.to_vec()));
            table.add_rows(rows.iter().map(|row| Row::from(row.iter().map(|cell| shown(cell)).collect::<Vec<_>>())));
            aligned(table)
        }
        Block::Facts(facts) => {
            let mut table = Table::new();
            table.add_rows(facts.iter().map(|(name, value)| Row::from(vec![(*name).to_owned(), shown(value)])));
            aligned(table)
        }
        Block::Text(text) => vec![text.clone()],
    }
}

fn aligned(mut table: Table) -> Vec<String> {
    table.load_style(NOTHING);
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// What stands in a cell: `-` for nothing, and no control character but the end of a line, for a client's name may
/// come from anyone.
fn shown(text: &str) -> String {
    if text.is_empty() {
        return "-".to_owned();
    }
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: &str) -> String {
        cell.to_owned()
    }

    #[test]
    fn columns_line_up_without_a_border_or_trailing_spaces() {
        let grid =
            Block::Grid(&["ID", "NAME"], vec![vec![text("a"), text("Billing")], vec![text("long-id"), text("")]]);
        assert_eq!(lines(&[grid]), ["ID       NAME", "a        Billing", "long-id  -"]);
    }

    #[test]
    fn blocks_stand_apart() {
        let facts = || Block::Facts(vec![("name", text("x")), ("scopes", text("a\nb"))]);
        let expected = ["name    x", "scopes  a", "        b", "", "name    x", "scopes  a", "        b"];
        assert_eq!(lines(&[facts(), facts()]), expected);
    }

    #[test]
    fn a_value_commands_no_terminal() {
        let facts = Block::Facts(vec![("name", text("\u{1b}]0;owned\u{7}"))]);
        assert_eq!(lines(&[facts]), ["name  \u{fffd}]0;owned\u{fffd}"]);
    }
}
