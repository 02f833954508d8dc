//! `KeyRingService/ListKeyRings`: the rings of a tenant with all that may be known of them.

use mintage_api::keys::{ListKeyRingsRequest, ListKeyRingsResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{beside, convert, pages};
use crate::signing::Keys;

pub(super) async fn list_key_rings(
    request: &Request<ListKeyRingsRequest>,
    keys: &Keys,
) -> Result<ListKeyRingsResponse, Status> {
    let ListKeyRingsRequest { tenant_id, page_size, page_token } = request.get_ref();
    let tenant = operator(request)?.tenant_for(tenant_id)?;
    let size = pages::size(*page_size)?;
    let tokens = keys.page_tokens();
    let list = ["key_rings", tenant.as_str()];
    let after = pages::after_number(&tokens, &list, page_token)?;
    // One more than asked tells whether there is another page.
    let mut found = keys.store().rings(&tenant, after, size as u64 + 1).await.map_err(Refusal::from)?;
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more).map(|(number, _)| tokens.make(&list, &number.to_string()));
    let mut rings = Vec::with_capacity(found.len());
    for (_, ring) in found {
        rings.push(convert::key_ring(&keys.status(ring).await.map_err(Refusal::from)?));
    }
    beside::add(rings.iter_mut().flat_map(|ring| &mut ring.keys), keys).await.map_err(Refusal::from)?;
    Ok(ListKeyRingsResponse { rings, next_page_token: last.unwrap_or_default() })
}
