//! `KeyRingService/ResealPrivateKeys`: private keys of every tenant go under the master key that seals now.

use mintage_api::keys::{ResealPrivateKeysRequest, ResealPrivateKeysResponse, SealedKeys};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::status::Refusal;
use super::{convert, pages};
use crate::domain::reseal::Page;
use crate::signing::Keys;

pub(super) async fn reseal_private_keys(
    request: &Request<ResealPrivateKeysRequest>,
    keys: &Keys,
) -> Result<ResealPrivateKeysResponse, Status> {
    let operator = operator(request)?;
    operator.require_installation()?;
    let ResealPrivateKeysRequest { page_size, page_token, reason } = request.get_ref();
    let size = pages::size(*page_size)?;
    let tokens = keys.page_tokens();
    let after = pages::after(&tokens, &LIST, page_token)?;
    let cause = convert::cause(operator, reason)?;
    let page = Page { after: after.as_deref(), limit: size as u64 };
    let resealed = keys.reseal(page, &cause).await.map_err(Refusal::from)?;
    Ok(ResealPrivateKeysResponse {
        master_key_id: keys.sealing_key_id().to_owned(),
        resealed: resealed.moved,
        sealed: if resealed.next.is_some() { Vec::new() } else { sealed(keys).await? },
        next_page_token: resealed.next.map(|kid| tokens.make(&LIST, &kid)).unwrap_or_default(),
    })
}

async fn sealed(keys: &Keys) -> Result<Vec<SealedKeys>, Refusal> {
    let counted = keys.store().sealed_under().await?;
    Ok(counted.into_iter().map(|(master_key_id, keys)| SealedKeys { master_key_id, keys }).collect())
}

const LIST: [&str; 1] = ["private keys to seal anew"];
