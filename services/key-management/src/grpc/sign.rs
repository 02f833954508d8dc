//! `SigningService/Sign`: a batch of payloads → compact JWS.

use mintage_api::keys::{SignItem, SignRequest, SignResponse, SignResult, sign_result};
use mintage_jose::jwt::MAX_PAYLOAD_BYTES;
use mintage_oauth::TokenLifetime;
use tonic::Status;

use super::convert;
use super::status::{Refusal, reason_of};
use super::told::Told;
use crate::signing::{Keys, Order, SignRefusal, TokenType};

pub(super) async fn sign(request: SignRequest, keys: &Keys) -> Result<SignResponse, Status> {
    if request.items.len() > MOST_ITEMS {
        return Err(Refusal::invalid("items", &"at most 256").into());
    }
    let told = Told::of(&request);
    let orders = request.items.into_iter().map(|item| order(item).ok_or(SignRefusal::Malformed)).collect();
    let signed = keys.sign(orders).await.map_err(Refusal::from)?;
    told.signed(&signed);
    Ok(response(signed)?)
}

/// A batch of which nothing found a place is refused whole, so that the caller slows down.
fn response(signed: Vec<Result<String, SignRefusal>>) -> Result<SignResponse, Refusal> {
    if !signed.is_empty() && signed.iter().all(|result| *result == Err(SignRefusal::Overloaded)) {
        return Err(Refusal::Overloaded);
    }
    Ok(SignResponse { results: signed.into_iter().map(result).collect() })
}

fn order(item: SignItem) -> Option<Order> {
    let SignItem { ring, typ, payload, trace_context: _, lifetime_seconds } = item;
    let typ = match typ.as_str() {
        "JWT" => TokenType::Jwt,
        "at+jwt" => TokenType::AccessToken,
        _ => return None,
    };
    let ring = convert::ring_name(&ring?).ok()?;
    let lifetime = match lifetime_seconds {
        0 => TokenLifetime::MAX,
        said => TokenLifetime::from_seconds(said.into()).ok()?,
    };
    (payload.len() <= MAX_PAYLOAD_BYTES).then_some(Order { ring, typ, payload, lifetime })
}

fn result(signed: Result<String, SignRefusal>) -> SignResult {
    let result = match signed {
        Ok(jws) => sign_result::Result::Jws(jws),
        Err(refused) => sign_result::Result::Refusal(reason_of(refused).into()),
    };
    SignResult { result: Some(result) }
}

const MOST_ITEMS: usize = 256;

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn a_batch_of_which_nothing_found_a_place_is_resource_exhausted() {
        let full = || Err(SignRefusal::Overloaded);
        let refused = Status::from(response(vec![full(), full()]).unwrap_err());
        assert_eq!(refused.code(), Code::ResourceExhausted);
        let answered = response(vec![full(), Ok("jws".to_owned())]).unwrap();
        assert_eq!(answered.results.len(), 2);
        assert!(response(Vec::new()).unwrap().results.is_empty());
    }
}
