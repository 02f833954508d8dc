//! The words of Rust files: doc comments, and what they stand above.

use std::fs;
use std::path::Path;

use syn::{
    Attribute, Expr, ExprLit, Fields, GenericArgument, Item, ItemEnum, ItemStruct, Lit, Meta, PathArguments,
    PathSegment, Type,
};

use crate::workspace::{root, sources};

/// A public struct with named fields.
#[derive(Debug, Clone)]
pub(super) struct Struct {
    /// The folder of its crate: `services/edge`.
    pub(super) home: String,
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    /// The last segment of the type's path: `Duration`. What may be absent or many is named as one.
    pub(super) kind: String,
    /// The folder of the crate that the type's path names, if it names one of ours.
    pub(super) home: Option<String>,
    pub(super) doc: String,
}

/// Every public struct with named fields in the crates under `services/` and `shared/`.
pub(super) fn structs() -> Vec<Struct> {
    let mut found = Vec::new();
    for home in homes() {
        for file in sources(&root().join(&home).join("src")) {
            let structs = parsed(&file).items.into_iter().filter_map(|item| match item {
                Item::Struct(item) => public_struct(&home, &item),
                _ => None,
            });
            found.extend(structs);
        }
    }
    found
}

/// The variants of the enum `name` in `file`, each with its doc comment.
pub(super) fn variants(file: &str, name: &str) -> Vec<(String, String)> {
    let items = parsed(&root().join(file)).items;
    let is_it = |item: &Item| matches!(item, Item::Enum(ItemEnum { ident, .. }) if ident == name);
    let Some(Item::Enum(found)) = items.into_iter().find(is_it) else { panic!("{file} has no enum {name}") };
    found.variants.iter().map(|variant| (variant.ident.to_string(), doc_of(&variant.attrs))).collect()
}

/// The folder of every service and every library.
pub(super) fn homes() -> Vec<String> {
    let mut homes = Vec::new();
    for storey in ["services", "shared"] {
        for entry in fs::read_dir(root().join(storey)).expect("a folder of the workspace") {
            let name = entry.expect("an entry").file_name();
            homes.push(format!("{storey}/{}", name.to_str().expect("a folder's name")));
        }
    }
    homes.sort();
    homes
}

/// The syntax of `file`.
pub(super) fn parsed(file: &Path) -> syn::File {
    let text = fs::read_to_string(file).expect("a source file");
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn public_struct(home: &str, item: &ItemStruct) -> Option<Struct> {
    let (syn::Visibility::Public(_), Fields::Named(fields)) = (&item.vis, &item.fields) else { return None };
    let field = |field: &syn::Field| {
        let path = path_of(&field.ty);
        let kind = path.last().cloned().unwrap_or_default();
        let home = path.first().and_then(|root| root.strip_prefix("mintage_")).map(|name| name.replace('_', "-"));
        let home = home.and_then(|name| homes().into_iter().find(|home| home.ends_with(&format!("/{name}"))));
        Some(Field { name: field.ident.as_ref()?.to_string(), kind, home, doc: doc_of(&field.attrs) })
    };
    Some(Struct {
        home: home.to_owned(),
        name: item.ident.to_string(),
        doc: doc_of(&item.attrs),
        fields: fields.named.iter().filter_map(field).collect(),
    })
}

/// The segments of a type's path; of `Option<T>` and `Vec<T>` those of `T`.
fn path_of(of: &Type) -> Vec<String> {
    let Type::Path(path) = of else { return Vec::new() };
    let last = path.path.segments.last();
    if let Some(PathSegment { ident, arguments: PathArguments::AngleBracketed(within) }) = last
        && (ident == "Option" || ident == "Vec")
        && let Some(GenericArgument::Type(within)) = within.args.first()
    {
        return path_of(within);
    }
    path.path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// The doc comment on one line; what it links to is named as code.
fn doc_of(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(doc_line);
    lines.collect::<Vec<_>>().join(" ").replace("[`", "`").replace("`]", "`")
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
    Some(text.value().trim().to_owned())
}
