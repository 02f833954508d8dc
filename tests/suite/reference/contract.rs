//! The words of the contract: what the comments of `proto/` say.

use mintage_api::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

/// A method, or a value of an enum, with its comment on one line.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// `/mintage.keys.v1.KeySetService/GetKeySet`, or `ERROR_REASON_INTERNAL`.
    pub(super) name: String,
    pub(super) comment: String,
}

/// Every method of every service, file by file.
pub(super) fn methods() -> Vec<Named> {
    let mut methods = Vec::new();
    for file in files() {
        for (at, service) in (0..).zip(&file.service) {
            for (within, method) in (0..).zip(&service.method) {
                methods.push(Named {
                    name: format!("/{}.{}/{}", file.package(), service.name(), method.name()),
                    comment: comment(&file, &[FILE_SERVICE, at, SERVICE_METHOD, within]),
                });
            }
        }
    }
    methods
}

/// Every value of the enum `name`, in order.
pub(super) fn values_of(name: &str) -> Vec<Named> {
    let mut values = Vec::new();
    for file in files() {
        for (at, found) in (0..).zip(&file.enum_type).filter(|(_, found)| found.name() == name) {
            values.extend((0..).zip(&found.value).map(|(within, value)| Named {
                name: value.name().to_owned(),
                comment: comment(&file, &[FILE_ENUM, at, ENUM_VALUE, within]),
            }));
        }
    }
    values
}

fn files() -> Vec<FileDescriptorProto> {
    let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("the contract's descriptors").file;
    files.into_iter().filter(|file| file.package().starts_with("mintage.")).collect()
}

fn comment(file: &FileDescriptorProto, path: &[i32]) -> String {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let location = locations.into_iter().find(|location| location.path == path);
    let lines = location.map_or("", |location| location.leading_comments()).lines().map(str::trim);
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}

// The numbers of fields in google/protobuf/descriptor.proto, of which a location's path is made.
const FILE_ENUM: i32 = 5;
const FILE_SERVICE: i32 = 6;
const ENUM_VALUE: i32 = 2;
const SERVICE_METHOD: i32 = 2;
