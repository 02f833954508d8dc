//! The tree of commands and the options that all of them have.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use mintage_clock::Clock;

use crate::commands::pki::PkiCommand;
use crate::commands::{api, client, grant, key, tenant, token};
use crate::dev;
use crate::output::{self, Answer, Format};
use crate::profile::{Profile, environment, environment_path};
use crate::serve;
use crate::session::Session;

/// Mintage issues access tokens to machines.
#[derive(Debug, Parser)]
#[command(name = "mintage", version, after_help = ROOT_HELP, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = COMMON)]
struct Common {
    /// How answers are shown
    #[arg(long, short, global = true, value_enum, default_value_t)]
    output: Format,
    /// Where to connect and as whom; demo.env in the data folder unless told [env: MINTAGE_PROFILE]
    #[arg(long, global = true, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// The folder `mintage dev` keeps its files in [env: MINTAGE_DATA_DIR] [default: .mintage]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// The environment is asked here and not by clap, which takes a variable for an argument that was given: it would
/// answer a bare `mintage` with an error in place of the help.
impl Common {
    fn profile(&self) -> Option<PathBuf> {
        self.profile.clone().or_else(|| environment_path("MINTAGE_PROFILE"))
    }

    fn data_dir(&self) -> PathBuf {
        let told = self.data_dir.clone().or_else(|| environment_path("MINTAGE_DATA_DIR"));
        told.unwrap_or_else(|| PathBuf::from(dev::DEFAULT_FOLDER))
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the whole suite in one process, for development
    Dev(dev::DevArgs),
    #[command(flatten)]
    Serving(serve::Command),
    /// Certificates by which services know each other, where no better authority is at hand
    #[command(subcommand, arg_required_else_help = true)]
    Pki(PkiCommand),
    #[command(flatten)]
    Operation(Operation),
}

/// What operators and clients do, over gRPC.
#[derive(Debug, Subcommand)]
enum Operation {
    /// Tenants: one issuer each, with its own keys, clients and APIs
    #[command(subcommand, arg_required_else_help = true)]
    Tenant(TenantCommand),
    /// Clients: the applications that ask for tokens, and their secrets
    #[command(subcommand, arg_required_else_help = true)]
    Client(ClientCommand),
    /// APIs: the resource servers that tokens are for
    #[command(subcommand, arg_required_else_help = true)]
    Api(ApiCommand),
    /// Client grants: which scopes of which API a client has
    #[command(subcommand, arg_required_else_help = true)]
    Grant(GrantCommand),
    /// Signing keys
    #[command(subcommand, arg_required_else_help = true)]
    Key(KeyCommand),
    /// Fetches an access token and prints it
    Token(token::fetch::Arguments),
}

/// Declares the verbs of a noun and leads each to its file.
macro_rules! verbs {
    ($(#[$meta:meta])* $noun:ident in $room:ident { $($(#[$about:meta])* $verb:ident in $file:ident,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Subcommand)]
        enum $noun {
            $($(#[$about])* $verb($room::$file::Arguments),)+
        }

        impl $noun {
            async fn run(self, session: &Session) -> anyhow::Result<Answer> {
                match self {
                    $(Self::$verb(arguments) => $room::$file::run(arguments, session).await,)+
                }
            }
        }
    };
}

verbs! {
    TenantCommand in tenant {
        /// Lists all tenants
        List in list,
        /// Shows one tenant
        Show in show,
        /// Creates a tenant with its Management API
        Create in create,
        /// Changes what the options name, and nothing else
        Update in update,
        /// Deletes a tenant and all it holds
        Delete in delete,
    }
}

verbs! {
    ClientCommand in client {
        /// Lists all clients of a tenant
        List in list,
        /// Shows one client and what may be known of its secrets
        Show in show,
        /// Creates a client and prints its secret, this once
        Create in create,
        /// Changes what the options name, and nothing else
        Update in update,
        /// Deletes a client with its secrets and grants
        Delete in delete,
        /// Adds a secret beside those there are and prints it, this once
        RotateSecret in rotate_secret,
        /// Ends a secret at once
        RevokeSecret in revoke_secret,
    }
}

verbs! {
    ApiCommand in api {
        /// Lists all APIs of a tenant
        List in list,
        /// Shows one API and the scopes it defines
        Show in show,
        /// Creates an API, and the keys its algorithm needs
        Create in create,
        /// Changes what the options name, and nothing else
        Update in update,
        /// Deletes an API with the grants for it
        Delete in delete,
    }
}

verbs! {
    GrantCommand in grant {
        /// Lists all grants of a tenant, of one client or one API if asked
        List in list,
        /// Shows one grant
        Show in show,
        /// Grants a client scopes of an API
        Create in create,
        /// Replaces the scopes of a grant
        Update in update,
        /// Deletes a grant; the client gets no more tokens for the API
        Delete in delete,
    }
}

verbs! {
    KeyCommand in key {
        /// Lists the signing keys of a tenant
        List in list,
        /// Shows one signing key with its JWK
        Show in show,
        /// Lets the announced key sign as soon as every verifier can know it
        Rotate in rotate,
        /// Prints the secrets that sign an HS256 API's tokens, for its own verifier
        Secret in secret,
    }
}

impl Cli {
    /// Carries the command out.
    pub(crate) async fn execute(self) -> anyhow::Result<()> {
        let Self { common, command } = self;
        let operation = match command {
            Command::Dev(arguments) => return dev::run(arguments, &common.data_dir()).await,
            Command::Serving(command) => return serve::run(command).await,
            Command::Pki(command) => return Ok(output::print(&command.run(&Clock::System)?, common.output)?),
            Command::Operation(operation) => operation,
        };
        let profile = Profile::load(common.profile().as_deref(), &common.data_dir(), environment)?;
        let answer = operation.run(&Session::new(profile, Clock::System)).await?;
        Ok(output::print(&answer, common.output)?)
    }
}

impl Operation {
    async fn run(self, session: &Session) -> anyhow::Result<Answer> {
        match self {
            Self::Tenant(command) => command.run(session).await,
            Self::Client(command) => command.run(session).await,
            Self::Api(command) => command.run(session).await,
            Self::Grant(command) => command.run(session).await,
            Self::Key(command) => command.run(session).await,
            Self::Token(arguments) => token::fetch::run(arguments, session).await,
        }
    }
}

/// The heading over the options that every command has.
pub(crate) const COMMON: &str = "Common options";

const ROOT_HELP: &str = "\
Examples:
  $ mintage dev
  $ mintage client list --output json
  $ mintage token --decode

Exit codes:
  0   done
  1   refused or failed
  2   the command line or the profile cannot be used
  64  the settings of a service cannot be used
  69  nothing answers, or not now: try again
  77  no permission";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{CommandFactory, Parser};

    use super::*;

    #[test]
    fn the_tree_of_commands_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn common_options_stand_before_or_behind_the_command() {
        for line in [
            ["mintage", "--data-dir", "elsewhere", "-o", "json", "client", "list"],
            ["mintage", "client", "list", "--data-dir", "elsewhere", "-o", "json"],
        ] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.common.data_dir(), Path::new("elsewhere"));
            assert_eq!(cli.common.output, Format::Json);
        }
    }

    #[test]
    fn dev_understands_the_data_folder_on_either_side() {
        for line in [["mintage", "--data-dir", "elsewhere", "dev"], ["mintage", "dev", "--data-dir", "elsewhere"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert!(matches!(cli.command, Command::Dev(_)));
            assert_eq!(cli.common.data_dir(), Path::new("elsewhere"));
        }
    }

    #[test]
    fn an_update_of_nothing_is_refused_before_anything_is_asked() {
        for line in [
            vec!["mintage", "client", "update", "abc"],
            vec!["mintage", "tenant", "update", "abc"],
            vec!["mintage", "api", "update", "abc"],
            vec!["mintage", "grant", "update", "abc"],
        ] {
            let refusal = Cli::try_parse_from(line).unwrap_err();
            assert_eq!(refusal.exit_code(), 2);
        }
    }

    #[test]
    fn every_command_has_an_example_that_it_understands() {
        let mut seen = 0;
        for_each_leaf(&Cli::command(), &mut |command| {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.lines().all(|line| line.len() <= 100), "{} has a line too long", command.get_name());
            let help = help.replace("\\\n", "");
            let examples: Vec<_> = help.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
            assert!(!examples.is_empty(), "{} has no example", command.get_name());
            for example in examples.iter().filter(|line| line.starts_with("mintage ")) {
                let words = words_of(example);
                Cli::try_parse_from(&words).unwrap_or_else(|refusal| panic!("{example}: {refusal}"));
                seen += 1;
            }
        });
        assert!(seen >= 27, "{seen}");
    }

    fn for_each_leaf(command: &clap::Command, visit: &mut impl FnMut(&clap::Command)) {
        if !command.has_subcommands() {
            return visit(command);
        }
        command.get_subcommands().for_each(|under| for_each_leaf(under, visit));
    }

    /// The words of a shell line up to a pipe or a redirection; single and double quotes hold words together.
    fn words_of(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
        for letter in line.chars() {
            match (quote, letter) {
                (Some(open), _) if open == letter => quote = None,
                (None, '\'' | '"') => quote = Some(letter),
                (None, '|' | '>') => break,
                (None, ' ') => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
                _ => word.push(letter),
            }
        }
        words.extend(Some(word).filter(|word| !word.is_empty()));
        words
    }
}
