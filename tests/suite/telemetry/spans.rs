//! Spans as they were received.

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;

/// A span.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// The `service.name` of the process that sent it.
    pub(super) process: String,
    /// Which service of the suite it says that it is of.
    pub(super) service: String,
    pub(super) name: String,
    pub(super) trace: Vec<u8>,
    pub(super) id: Vec<u8>,
    pub(super) parent: Vec<u8>,
    pub(super) links: Vec<Vec<u8>>,
    attributes: Vec<KeyValue>,
}

impl Seen {
    pub(super) fn of(process: String, span: &Span) -> Self {
        Self {
            process,
            service: text_of(&span.attributes, "mintage.service").unwrap_or_default(),
            name: span.name.clone(),
            trace: span.trace_id.clone(),
            id: span.span_id.clone(),
            parent: span.parent_span_id.clone(),
            links: span.links.iter().map(|link| link.trace_id.clone()).collect(),
            attributes: span.attributes.clone(),
        }
    }

    /// One of its attributes.
    pub(super) fn says(&self, key: &str) -> Option<String> {
        text_of(&self.attributes, key)
    }
}

/// An attribute that is text.
pub(super) fn text_of(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        _ => None,
    }
}
