//! What a body is.

use ::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use ::http::{HeaderMap, HeaderValue};

use crate::domain::Refusal;

/// The two encodings of a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    Form,
    Json,
}

impl MediaType {
    /// What the headers say the body is: exactly one content type, not compressed, in UTF-8.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut values = headers.get_all(CONTENT_TYPE).iter();
        match (values.next(), values.next()) {
            (Some(value), None) if !headers.contains_key(CONTENT_ENCODING) => Self::read(value),
            _ => None,
        }
        .ok_or(Refusal::MediaTypeUnsupported)
    }

    fn read(value: &HeaderValue) -> Option<Self> {
        let mut parts = value.to_str().ok()?.split(';').map(str::trim);
        let essence = parts.next()?;
        let known = [("application/x-www-form-urlencoded", Self::Form), ("application/json", Self::Json)];
        let (_, media_type) = known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(essence))?;
        parts.all(bearable).then_some(media_type)
    }
}

/// Parameters are ignored, but for a charset other than the one these types are in.
fn bearable(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Option<MediaType> {
        let pairs = values.iter().map(|value| (CONTENT_TYPE, HeaderValue::from_static(value)));
        MediaType::of(&pairs.collect()).ok()
    }

    #[test]
    fn forms_and_json_are_told_apart() {
        assert_eq!(read(&["application/x-www-form-urlencoded"]), Some(MediaType::Form));
        assert_eq!(read(&["Application/X-WWW-Form-Urlencoded; charset=\"UTF-8\""]), Some(MediaType::Form));
        assert_eq!(read(&["application/json;charset=utf-8"]), Some(MediaType::Json));
        assert_eq!(read(&["application/json; profile=x"]), Some(MediaType::Json));
    }

    #[test]
    fn b8_every_other_type_is_unsupported() {
        let wrong =
            ["", "text/plain", "multipart/form-data; boundary=x", "application/json5", "application/xml", "json"];
        for value in wrong {
            assert_eq!(read(&[value]), None, "{value}");
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["application/json", "application/json"]), None);
        assert_eq!(read(&["application/json; charset=utf-16"]), None);
    }
}
