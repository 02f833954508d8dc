//! The options that say how a tenant's pages look, alike at `create` and `update`.

use clap::Args;
use mintage_api::registry::Branding;

/// How the pages look that users see.
#[derive(Debug, Default, Args)]
pub(crate) struct BrandingOptions {
    /// The colour of the pages that users see, as #0a7f5c; '' for the suite's own
    #[arg(long)]
    colour: Option<String>,
    /// The logo on them; https; '' for none
    #[arg(long, value_name = "URI")]
    logo_uri: Option<String>,
}

impl BrandingOptions {
    /// The names of the options, for the group of those of which one is needed.
    pub(crate) const NAMES: [&str; 2] = ["colour", "logo_uri"];

    /// Whether one was given.
    pub(crate) const fn is_given(&self) -> bool {
        self.colour.is_some() || self.logo_uri.is_some()
    }

    /// The branding with what was given; the rest stays.
    pub(crate) fn over(self, branding: Branding) -> Branding {
        Branding {
            colour: self.colour.unwrap_or(branding.colour),
            logo_uri: self.logo_uri.unwrap_or(branding.logo_uri),
        }
    }
}
