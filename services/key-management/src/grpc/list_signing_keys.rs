//! `KeyRingService/ListSigningKeys`: the keys of a tenant, page by page.

use mintage_api::keys::{ListSigningKeysRequest, ListSigningKeysResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert;
use super::status::Refusal;
use crate::signing::Keys;
use crate::store::Listing;

pub(super) async fn list_signing_keys(
    request: &Request<ListSigningKeysRequest>,
    keys: &Keys,
) -> Result<ListSigningKeysResponse, Status> {
    let ListSigningKeysRequest { tenant_id, page_size, page_token, include_ended } = request.get_ref();
    let tenant = operator(request)?.tenant_for(tenant_id)?;
    let size = page_size_of(*page_size)?;
    let pages = keys.page_tokens();
    let list = ["signing_keys", tenant.as_str(), if *include_ended { "ended too" } else { "served" }];
    let after = match page_token.as_str() {
        "" => None,
        token => Some(pages.read(&list, token).and_then(|kid| kid.parse().ok()).ok_or_else(unknown_page)?),
    };
    // One more than asked tells whether there is another page.
    let listing = Listing { tenant: tenant.clone(), after, include_ended: *include_ended, limit: size as u64 + 1 };
    let mut found = keys.store().list(&listing).await.map_err(Refusal::from)?.ok_or_else(unknown_page)?;
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more).map(|listed| pages.tag(&list, listed.key.kid.as_str()));
    Ok(ListSigningKeysResponse {
        keys: found.iter().map(|listed| convert::signing_key(&listed.ring, &listed.key)).collect(),
        next_page_token: last.unwrap_or_default(),
    })
}

fn page_size_of(wire: i32) -> Result<usize, Refusal> {
    match wire {
        0 => Ok(50),
        1..=100 => Ok(usize::try_from(wire).unwrap_or(50)),
        _ => Err(Refusal::invalid("page_size", &"1 to 100; 0 means 50")),
    }
}

fn unknown_page() -> Refusal {
    Refusal::invalid("page_token", &"it is not of this list")
}
