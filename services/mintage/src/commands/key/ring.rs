//! The key ring a command is about.

use clap::Args;
use mintage_api::keys::KeyRingName;

use super::shared_secret;
use crate::commands::arguments::InTenant;
use crate::failure::Usage;
use crate::session::Session;
use crate::view::words::Algorithm;

/// A tenant's ring, or an API's own.
#[derive(Debug, Args)]
pub(crate) struct OneRing {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    place: InTenant,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "One of")]
struct Which {
    /// The ring of this algorithm
    #[arg(long, ignore_case = true)]
    algorithm: Option<Algorithm>,
    /// The secrets of this HS256 API, by its identifier or id
    #[arg(long)]
    api: Option<String>,
}

impl OneRing {
    /// Its name.
    ///
    /// # Errors
    /// There is no such API, or HS256 is named without one.
    pub(super) async fn name(self, session: &Session) -> anyhow::Result<KeyRingName> {
        let Self { which, place: InTenant { tenant } } = self;
        match which {
            Which { api: Some(api), .. } => shared_secret::ring(session, tenant, api).await,
            Which { algorithm: Some(algorithm), .. } if algorithm != Algorithm::Hs256 => {
                Ok(KeyRingName { tenant_id: tenant, algorithm: algorithm.into(), resource_server_id: String::new() })
            }
            _ => Err(Usage("each HS256 API has its own secrets: say which with --api".to_owned()).into()),
        }
    }
}
