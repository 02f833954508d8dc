//! Writes to stdout and stderr, and asks.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::{Answer, layout};

/// How answers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; may change
    #[default]
    Table,
    /// For programs: the response message of the call; stable
    Json,
}

/// Writes an answer: what it is to stdout, what is to be said about it to stderr.
pub(crate) fn print(answer: &Answer, format: Format) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write_answer(answer, format, &mut out)?;
    out.flush()?;
    drop(out);
    answer.remarks.iter().for_each(|line| remark(line));
    Ok(())
}

/// Writes `text` to stdout as it stands, at once.
pub(crate) fn announce(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes a line to stderr. If even that fails there is nobody left to tell.
pub(crate) fn remark(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes what clap has to say: help, the version, or what is wrong with the command line.
pub(crate) fn usage(instead: &clap::Error) -> ExitCode {
    let _ = instead.print();
    u8::try_from(instead.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Asks on the terminal whether to go on; `None` when there is none to ask on. Only `y` and `yes` mean yes.
pub(crate) fn ask(question: &str) -> io::Result<Option<bool>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut screen = io::stderr().lock();
    write!(screen, "{question} [y/N] ")?;
    screen.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(Some(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")))
}

/// Asks on the terminal for what nobody is to see; `None` when there is none to ask on. What is typed does not show, and is
/// taken as it stands up to the end of the line.
pub(crate) fn ask_secret(question: &str) -> io::Result<Option<Zeroizing<String>>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut screen = io::stderr().lock();
    write!(screen, "{question}")?;
    screen.flush()?;
    let silence = Silence::on(io::stdin())?;
    let mut line = Zeroizing::new(String::with_capacity(LONGEST_TYPED));
    let read = io::stdin().lock().take(LONGEST_TYPED as u64).read_line(&mut line);
    drop(silence);
    writeln!(screen)?;
    read?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(Some(line))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence {
    terminal: io::Stdin,
    before: Termios,
}

impl Silence {
    fn on(terminal: io::Stdin) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

/// What a terminal takes on one line is no longer.
const LONGEST_TYPED: usize = 4096;

fn write_answer(answer: &Answer, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => layout::lines(&answer.blocks).iter().try_for_each(|line| writeln!(out, "{line}")),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &answer.as_json())?;
            writeln!(out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Block;
    use super::*;

    fn written(answer: &Answer, format: Format) -> String {
        let mut out = Vec::new();
        write_answer(answer, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_stands_alone_so_that_a_shell_can_take_it() {
        let answer = Answer::default().block(Block::Text("abc".to_owned())).with("access_token", "abc").unwrap();
        assert_eq!(written(&answer, Format::Table), "abc\n");
        assert_eq!(written(&answer, Format::Json), "{\n  \"access_token\": \"abc\"\n}\n");
    }

    #[test]
    fn a_secret_comes_with_the_remark_that_it_comes_once() {
        let answer = Answer::default().secret("client_secret", "mcs_x".to_owned()).unwrap();
        assert_eq!(written(&answer, Format::Table), "client_secret  mcs_x\n");
        assert!(answer.remarks.iter().any(|line| line.contains("this once")));
        let without = Answer::default().secret("client_secret", String::new()).unwrap();
        assert_eq!((written(&without, Format::Table).as_str(), without.remarks.len()), ("", 0));
    }

    #[test]
    fn nothing_to_say_is_an_empty_object_for_programs() {
        assert_eq!(written(&Answer::default(), Format::Json), "{}\n");
        assert_eq!(written(&Answer::default(), Format::Table), "");
    }
}
