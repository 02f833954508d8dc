//! Update masks from the options that were given.

use prost_types::FieldMask;

/// Collects the fields that an update changes.
#[derive(Debug, Default)]
pub(crate) struct Mask(Vec<String>);

impl Mask {
    /// The field's new value; the field counts as changed only if there is one.
    pub(crate) fn take<T: Default>(&mut self, field: &str, value: Option<T>) -> T {
        if value.is_some() {
            self.0.push(field.to_owned());
        }
        value.unwrap_or_default()
    }
}

impl From<Mask> for Option<FieldMask> {
    fn from(mask: Mask) -> Self {
        Some(FieldMask { paths: mask.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_is_changed() {
        let mut mask = Mask::default();
        assert_eq!(mask.take("name", Some("Billing".to_owned())), "Billing");
        assert!(!mask.take::<bool>("enabled", None));
        assert_eq!(mask.take("metadata", Some(String::new())), "");
        assert_eq!(Option::<FieldMask>::from(mask).unwrap().paths, ["name", "metadata"]);
    }
}
