//! `KeyRingService/ListKeyFacts`: what was done to the keys of a tenant.

use mintage_api::keys::{KeyFact, ListKeyFactsRequest, ListKeyFactsResponse, ResealedKeys};
use mintage_chassis::access::operator;
use mintage_chassis::wire::wire_time;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{convert, pages};
use crate::signing::Keys;
use crate::store::{Fact, ResealedHalves};

pub(super) async fn list_key_facts(
    request: &Request<ListKeyFactsRequest>,
    keys: &Keys,
) -> Result<ListKeyFactsResponse, Status> {
    let ListKeyFactsRequest { tenant_id, page_size, page_token } = request.get_ref();
    let operator = operator(request)?;
    let tenant = operator.tenant_for(tenant_id)?;
    let size = pages::size(*page_size)?;
    let tokens = keys.page_tokens();
    let list = ["key_facts", tenant.as_str()];
    let before = pages::after_number(&tokens, &list, page_token)?;
    // One more than asked tells whether there is another page.
    let mut found = keys.store().facts(&tenant, before, size as u64 + 1).await.map_err(Refusal::from)?;
    // What was done before to a tenant of the same id is of no concern to whoever has it now.
    if operator.require_installation().is_err() {
        let remover = convert::by_registry().by;
        let former = keys.store().last_removal(&tenant, &remover).await.map_err(Refusal::from)?;
        found.retain(|fact| former.is_none_or(|former| fact.number > former));
    }
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more).map(|fact| tokens.make(&list, &fact.number.to_string()));
    Ok(ListKeyFactsResponse {
        facts: found.into_iter().map(wire_fact).collect(),
        next_page_token: last.unwrap_or_default(),
    })
}

fn wire_fact(fact: Fact) -> KeyFact {
    KeyFact {
        at: Some(wire_time(fact.at)),
        ring: Some(convert::wire_ring_name(&fact.ring)),
        kid: fact.kid.unwrap_or_default(),
        deed: convert::wire_deed(fact.kind).into(),
        by: fact.by,
        reason: fact.reason.unwrap_or_default(),
        resealed: fact.resealed.map(wire_resealed),
        detail: fact.detail.unwrap_or_default(),
    }
}

fn wire_resealed(resealed: ResealedHalves) -> ResealedKeys {
    let ResealedHalves { keys, from: from_master_key_id, to: to_master_key_id } = resealed;
    ResealedKeys { keys, from_master_key_id, to_master_key_id }
}
