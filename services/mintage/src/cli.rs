//! The tree of commands and the options that all of them have.

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use mintage_clock::Clock;

use crate::commands::pki::PkiCommand;
use crate::commands::{api, client, consent, grant, key, tenant, token, user};
use crate::dev;
use crate::output::{self, Answer, Format};
use crate::profile::{Profile, environment, environment_path};
use crate::serve;
use crate::session::Session;

/// Mintage issues access tokens to machines, and to applications that act for users.
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
    /// Users: the people who sign in and consent
    #[command(subcommand, arg_required_else_help = true)]
    User(UserCommand),
    /// What users consented to: which client may act for whom
    #[command(subcommand, arg_required_else_help = true)]
    Consent(ConsentCommand),
    /// Signing keys
    Key(KeyArguments),
    /// Fetches an access token and prints it
    Token(token::fetch::Arguments),
    /// Signs a user in, in a browser, and prints the token that an application gets
    SignIn(token::sign_in::Arguments),
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
        /// Makes a token that lets its holder register clients and prints it, this once
        InitialAccessToken in initial_access_token,
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
    UserCommand in user {
        /// Lists all users of a tenant
        List in list,
        /// Shows one user
        Show in show,
        /// Creates a user
        Create in create,
        /// Changes what the options name, and nothing else
        Update in update,
        /// Gives a user another password; what the former gave ends
        SetPassword in set_password,
        /// Lets a user sign in nowhere, and ends sessions, codes and refresh tokens
        Block in block,
        /// Lets a blocked user sign in again
        Unblock in unblock,
        /// Deletes a user with sessions and grants
        Delete in delete,
    }
}

verbs! {
    ConsentCommand in consent {
        /// Lists what users granted, of one user, client or API if asked
        List in list,
        /// Takes a grant away with its refresh tokens and codes
        Revoke in revoke,
    }
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
struct KeyArguments {
    #[command(flatten)]
    identity: key::identity::ByIdentity,
    #[command(subcommand)]
    command: KeyCommand,
}

verbs! {
    KeyCommand in key {
        /// Lists the signing keys of a tenant
        List in list,
        /// Shows one signing key with its JWK
        Show in show,
        /// Shows what each key does, what comes next and when, and who holds it
        Status in status,
        /// Lets the announced key sign as soon as every verifier can know it
        Rotate in rotate,
        /// Lets one announced key sign now
        Activate in activate,
        /// Ends a key at once, for cause
        Revoke in revoke,
        /// Lets no key of a ring follow by itself
        Hold in hold,
        /// Lets the keys of a ring follow by themselves again
        Release in release,
        /// Sets how the keys of a ring follow each other
        Policy in policy,
        /// Shows what was done to keys, by whom and why
        History in history,
        /// Seals private keys anew that another master key sealed
        Reseal in reseal,
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
        let session = Session::new(profile, Clock::System);
        let answer = match operation.run(&session).await {
            Ok(answer) => answer,
            Err(error) => return Err(session.explain(error).await),
        };
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
            Self::User(command) => command.run(session).await,
            Self::Consent(command) => command.run(session).await,
            Self::Key(KeyArguments { identity, command }) => {
                let door = identity.enter(session)?;
                let outcome = command.run(session).await;
                match (outcome, door) {
                    (Err(error), Some(door)) => Err(door.explain(error).await),
                    (outcome, _) => outcome,
                }
            }
            Self::Token(arguments) => token::fetch::run(arguments, session).await,
            Self::SignIn(arguments) => token::sign_in::run(arguments, session).await,
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
