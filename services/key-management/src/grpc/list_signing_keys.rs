//! `KeyRingService/ListSigningKeys`: the keys of a tenant, page by page.

use mintage_api::keys::{ListSigningKeysRequest, ListSigningKeysResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{beside, convert, pages};
use crate::signing::Keys;
use crate::store::{ListedKey, Listing};

pub(super) async fn list_signing_keys(
    request: &Request<ListSigningKeysRequest>,
    keys: &Keys,
) -> Result<ListSigningKeysResponse, Status> {
    let ListSigningKeysRequest { tenant_id, page_size, page_token, include_ended } = request.get_ref();
    let tenant = operator(request)?.tenant_for(tenant_id)?;
    let size = pages::size(*page_size)?;
    let tokens = keys.page_tokens();
    let list = ["signing_keys", tenant.as_str(), if *include_ended { "ended too" } else { "served" }];
    let after = pages::after(&tokens, &list, page_token)?;
    let after = after.map(|kid| kid.parse().map_err(|_| pages::unknown())).transpose()?;
    // One more than asked tells whether there is another page.
    let listing = Listing { tenant: tenant.clone(), after, include_ended: *include_ended, limit: size as u64 + 1 };
    let mut found = keys.store().list(&listing).await.map_err(Refusal::from)?.ok_or_else(pages::unknown)?;
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more).map(|listed| tokens.make(&list, listed.key.kid.as_str()));
    let directory = keys.directory().await.map_err(Refusal::from)?;
    let shown = |listed: &ListedKey| {
        let mut shown = convert::signing_key(&listed.ring, &listed.key);
        if let Some(view) = directory.ring(&listed.ring) {
            convert::come_next(&mut shown, &listed.key, view.ring(), view.ring().activation_at(keys.policy()));
        }
        shown
    };
    let mut wire: Vec<_> = found.iter().map(shown).collect();
    beside::add(&mut wire, keys).await.map_err(Refusal::from)?;
    Ok(ListSigningKeysResponse { keys: wire, next_page_token: last.unwrap_or_default() })
}
