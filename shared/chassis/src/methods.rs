//! What the contract's own descriptors say of a method: whether it may be called twice, and whether it streams.

use std::collections::HashMap;
use std::sync::LazyLock;

use mintage_api::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_types::method_options::IdempotencyLevel;
use prost_types::{FileDescriptorSet, MethodDescriptorProto, MethodOptions};

/// What is known of one method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// Called twice, it does no more than once: `idempotency_level` in its proto.
    pub(crate) idempotent: bool,
    /// Its call lasts as long as there is something to say.
    pub(crate) streams: bool,
    /// One message is asked, one is answered.
    pub(crate) unary: bool,
}

/// What is known of the method of a path (`/package.Service/Method`). Of one that is not in the contract nothing is, so it
/// is not repeated.
pub(crate) fn traits_of(path: &str) -> Traits {
    METHODS.get(path).copied().unwrap_or_default()
}

fn read() -> HashMap<String, Traits> {
    let files = match FileDescriptorSet::decode(FILE_DESCRIPTOR_SET) {
        Ok(set) => set.file,
        Err(error) => {
            tracing::error!(%error, "the contract's descriptors cannot be read: no call is repeated");
            Vec::new()
        }
    };
    let services = files.iter().flat_map(|file| file.service.iter().map(move |service| (file.package(), service)));
    services
        .flat_map(|(package, service)| {
            service
                .method
                .iter()
                .map(move |method| (format!("/{package}.{}/{}", service.name(), method.name()), of_descriptor(method)))
        })
        .collect()
}

fn of_descriptor(method: &MethodDescriptorProto) -> Traits {
    let level = method.options.as_ref().map_or(IdempotencyLevel::IdempotencyUnknown, MethodOptions::idempotency_level);
    let streams = method.client_streaming() || method.server_streaming();
    Traits { idempotent: level != IdempotencyLevel::IdempotencyUnknown, streams, unary: !streams }
}

static METHODS: LazyLock<HashMap<String, Traits>> = LazyLock::new(read);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_says_which_calls_may_be_repeated() {
        let traits = |path| traits_of(&format!("/mintage.{path}"));
        assert!(traits("registry.v1.ResolverService/ResolveClient").idempotent);
        assert!(traits("keys.v1.SigningService/Sign").idempotent);
        assert!(!traits("token.v1.TokenService/IssueToken").idempotent, "it counts failures");
        assert!(!traits("registry.v1.ClientService/CreateClient").idempotent);
        assert!(traits("registry.v1.ChangeFeedService/Watch").streams);
        assert_eq!(traits("no.v1.Such/Method"), Traits::default());
    }

    /// What reads is marked and what makes is not, so that no method is forgotten either way.
    #[test]
    fn every_method_whose_name_says_that_it_only_reads_may_be_repeated_and_none_that_makes() {
        for (path, traits) in METHODS.iter() {
            let method = path.rsplit('/').next().unwrap();
            let named = |verbs: &[&str]| verbs.iter().any(|verb| method.starts_with(verb));
            if named(&["Get", "List", "Resolve", "Reveal"]) {
                assert!(traits.idempotent, "{path} wants an idempotency_level");
            }
            if named(&["Create", "Rotate", "Issue", "Update", "Delete", "Revoke", "Watch"]) {
                assert!(!traits.idempotent, "{path} must not be repeated unasked");
            }
        }
    }
}
