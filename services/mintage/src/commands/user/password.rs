//! A password that somebody chooses: out of a file, or typed twice. It never stands on a command line, where everybody on
//! the machine can read it and the shell keeps it.

use std::io;
use std::path::PathBuf;

use clap::Args;
use zeroize::Zeroizing;

use crate::commands::token::fetch::secret_in;
use crate::failure::Usage;
use crate::output;

/// Where it comes from.
#[derive(Debug, Args)]
pub(super) struct NewPassword {
    /// The file with the password, 12 to 256 characters; - for stdin. Asked on the terminal unless told
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl NewPassword {
    /// Reads it.
    ///
    /// # Errors
    /// The file cannot be read, nobody is there to type, or what was typed differs.
    pub(super) fn read(&self) -> anyhow::Result<Zeroizing<String>> {
        match &self.password_file {
            Some(file) => {
                let unreadable = |error| Usage(format!("{} cannot be read: {error}", file.display()));
                Ok(Zeroizing::new(secret_in(file).map_err(unreadable)?))
            }
            None => typed(output::ask_secret),
        }
    }
}

fn typed(ask: impl Fn(&str) -> io::Result<Option<Zeroizing<String>>>) -> anyhow::Result<Zeroizing<String>> {
    let nobody =
        || Usage("there is no terminal to ask on: name a file with --password-file, or - for stdin".to_owned());
    let first = ask("Password: ")?.ok_or_else(nobody)?;
    let second = ask("Once more: ")?.ok_or_else(nobody)?;
    if first == second { Ok(first) } else { Err(Usage("the two differ: nothing was done".to_owned()).into()) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn saying(answers: [&'static str; 2]) -> anyhow::Result<Zeroizing<String>> {
        let turn = Cell::new(0);
        typed(|_| {
            let answer = answers[turn.replace(1)];
            Ok(Some(Zeroizing::new(answer.to_owned())))
        })
    }

    #[test]
    fn a_password_is_typed_twice_alike() {
        assert_eq!(*saying(["plum orbit kettle", "plum orbit kettle"]).unwrap(), "plum orbit kettle");
        assert!(saying(["plum orbit kettle", "plum orbit cattle"]).unwrap_err().is::<Usage>());
        assert!(typed(|_| Ok(None)).unwrap_err().is::<Usage>());
    }

    #[test]
    fn a_password_is_the_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, " plum orbit kettle\r\n").unwrap();
        let password = NewPassword { password_file: Some(file) }.read().unwrap();
        assert_eq!(*password, " plum orbit kettle");
        let absent = NewPassword { password_file: Some(folder.path().join("absent")) };
        assert!(absent.read().unwrap_err().is::<Usage>());
    }
}
