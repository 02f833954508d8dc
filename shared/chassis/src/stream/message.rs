//! Requests and answers as what a shared stream carries.

use bytes::{BufMut, Bytes, BytesMut};
use futures::FutureExt;
use http::header::{CONTENT_TYPE, HeaderName, TE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use mintage_api::types::{SharedAnswer, SharedCall, SharedHeader};
use prost::Message;
use tonic::Status;
use tonic::body::Body;

/// The call that a request is. Its number is given to it later.
pub(super) fn call_of(path: &str, headers: &HeaderMap, body: Bytes) -> SharedCall {
    SharedCall { number: 0, path: path.to_owned(), headers: own(headers), body }
}

/// The request that a call is; `None` for what is none.
pub(super) fn request_of(call: SharedCall) -> Option<Request<Body>> {
    let SharedCall { number: _, path, headers, body } = call;
    let mut request = Request::new(Body::new(Full::new(body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::try_from(path).ok()?;
    *request.version_mut() = http::Version::HTTP_2;
    let to = request.headers_mut();
    to.insert(CONTENT_TYPE, GRPC);
    to.insert(TE, TRAILERS);
    put(headers, to)?;
    Some(request)
}

/// The answer that a response is. All of it must be there: what is still being said has a stream of its own.
pub(super) fn answer_of<B>(number: u64, response: Response<B>) -> SharedAnswer
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    match whole(response) {
        Ok((headers, body, trailers)) => SharedAnswer { number, headers, body, trailers },
        Err(status) => refused(number, &status),
    }
}

/// The answer that only refuses.
pub(super) fn refused(number: u64, status: &Status) -> SharedAnswer {
    let mut headers = HeaderMap::new();
    // It fails for a status whose own metadata is broken, and a status made here has none.
    let _ = status.add_header(&mut headers);
    SharedAnswer { number, headers: own(&headers), ..SharedAnswer::default() }
}

/// The response that an answer is; `None` for what is none.
pub(super) fn response_of(answer: SharedAnswer) -> Option<Response<Body>> {
    let SharedAnswer { number: _, headers, body, trailers } = answer;
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(CONTENT_TYPE, GRPC);
    put(headers, response.headers_mut())?;
    if response.headers().contains_key(Status::GRPC_STATUS) {
        return Some(response);
    }
    let mut behind = HeaderMap::new();
    put(trailers, &mut behind)?;
    behind.entry(Status::GRPC_STATUS).or_insert(OK);
    let trailers = std::future::ready(Some(Ok(behind)));
    *response.body_mut() = Body::new(Full::new(body).with_trailers(trailers).map_err(|never| match never {}));
    Some(response)
}

/// A message as gRPC frames it (five bytes in front: not compressed, so long).
pub(super) fn framed(message: &impl Message) -> Bytes {
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(length + PREFIX);
    frame.put_u8(0);
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    // It fails where there is no room, and there is.
    let _ = message.encode(&mut frame);
    frame.freeze()
}

/// The bytes that a call or an answer takes, or a little less.
pub(super) fn size(headers: &[SharedHeader], body: &Bytes) -> usize {
    body.len() + headers.iter().map(|header| header.name.len() + header.value.len() + OVERHEAD).sum::<usize>()
}

type Whole = (Vec<SharedHeader>, Bytes, Vec<SharedHeader>);

/// What is ready of a response, unless something is still to come, or it is none of gRPC.
fn whole<B: http_body::Body<Data = Bytes> + Unpin>(response: Response<B>) -> Result<Whole, Status> {
    let (head, mut body) = response.into_parts();
    let (mut data, mut trailers) = (Bytes::new(), HeaderMap::new());
    let streams = || Status::unimplemented("a method that streams has a stream of its own");
    while let Some(frame) = body.frame().now_or_never().ok_or_else(streams)? {
        match frame.map_err(|_| Status::internal("the answer broke off"))?.into_data() {
            Ok(more) if data.len() + more.len() > LONGEST_ANSWER => {
                return Err(Status::out_of_range("the answer is too long"));
            }
            Ok(more) if data.is_empty() => data = more,
            Ok(more) => data = [data, more].concat().into(),
            Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
        }
    }
    // Who reads the answer takes no status at all for OK.
    let has_status = [&head.headers, &trailers].iter().any(|headers| headers.contains_key(Status::GRPC_STATUS));
    if head.status != StatusCode::OK || !has_status {
        return Err(Status::unknown("that is no answer of gRPC"));
    }
    Ok((own(&head.headers), data, own(&trailers)))
}

/// What is not the same in every call and every answer.
fn own(headers: &HeaderMap) -> Vec<SharedHeader> {
    let differs = |(name, value): &(&HeaderName, &HeaderValue)| {
        !(SAME.contains(name) || **name == Status::GRPC_STATUS && *value == OK)
    };
    let header = |(name, value): (&HeaderName, &HeaderValue)| SharedHeader {
        name: name.as_str().to_owned(),
        value: Bytes::copy_from_slice(value.as_bytes()),
    };
    headers.iter().filter(differs).map(header).collect()
}

fn put(headers: Vec<SharedHeader>, to: &mut HeaderMap) -> Option<()> {
    for SharedHeader { name, value } in headers {
        let name = match KNOWN.iter().find(|known| known.as_str() == name) {
            Some(known) => known.clone(),
            None => HeaderName::from_bytes(name.as_bytes()).ok()?,
        };
        to.try_append(name, HeaderValue::from_maybe_shared(value).ok()?).ok()?;
    }
    Some(())
}

/// Bytes of an answer: the other end reads no message that is much longer.
const LONGEST_ANSWER: usize = 4 << 20;
/// What stands in nearly every call, and need not be made anew of its text.
const KNOWN: [HeaderName; 3] = [
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-mintage-source"),
];
const SAME: [HeaderName; 3] = [CONTENT_TYPE, TE, USER_AGENT];
const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const TRAILERS: HeaderValue = HeaderValue::from_static("trailers");
const OK: HeaderValue = HeaderValue::from_static("0");
const PREFIX: usize = 5;
/// Of a header, around its name and its value.
const OVERHEAD: usize = 8;
