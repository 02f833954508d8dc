//! What cannot be undone is asked first.

use std::io;

use clap::Args;

use crate::failure::Usage;
use crate::output;

/// The option that answers beforehand.
#[derive(Debug, Args)]
pub(crate) struct Confirmation {
    /// Does not ask; needed where there is no terminal to ask on
    #[arg(long, short)]
    yes: bool,
}

impl Confirmation {
    /// Goes on if `question` is answered with yes.
    ///
    /// # Errors
    /// The answer is no, or nobody is there to answer.
    pub(crate) fn ask(&self, question: &str) -> anyhow::Result<()> {
        self.ask_by(|| output::ask(question))
    }

    fn ask_by(&self, ask: impl FnOnce() -> io::Result<Option<bool>>) -> anyhow::Result<()> {
        if self.yes {
            return Ok(());
        }
        match ask()? {
            Some(true) => Ok(()),
            Some(false) => anyhow::bail!("nothing was done"),
            None => Err(Usage("there is no terminal to ask on: repeat it with --yes".to_owned()).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_deleted_without_a_yes() {
        let unsure = Confirmation { yes: false };
        assert!(unsure.ask_by(|| Ok(Some(true))).is_ok());
        assert!(unsure.ask_by(|| Ok(Some(false))).is_err());
        assert!(unsure.ask_by(|| Ok(None)).unwrap_err().is::<Usage>());
    }

    #[test]
    fn a_yes_beforehand_is_not_asked_again() {
        Confirmation { yes: true }.ask_by(|| panic!("asked")).unwrap();
    }
}
