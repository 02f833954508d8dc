//! Which gRPC codes the sources give to which reasons.

use std::collections::{BTreeMap, BTreeSet};

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprCall, ExprTuple, ItemMod, Meta, Path, Token};

use crate::reference::source::{homes, parsed};
use crate::workspace::{root, sources};

/// For each reason (`NotFound`) the codes (`NOT_FOUND`) that stand before it: `refusal(Code::NotFound,
/// ErrorReason::NotFound, …)`, or the same two in a tuple.
pub(super) fn by_reason() -> BTreeMap<String, BTreeSet<String>> {
    let mut reader = Reader::default();
    for home in homes().iter().filter(|home| *home != THE_COMMANDS) {
        for file in sources(&root().join(home).join("src")) {
            reader.visit_file(&parsed(&file));
        }
    }
    assert!(reader.alone.is_empty(), "no gRPC code stands before {:?}", reader.alone);
    reader.found
}

#[test]
fn what_only_tests_say_has_no_code_and_a_reason_alone_is_seen() {
    let source = "
        fn f() -> Status { refusal(Code::AlreadyExists, ErrorReason::Conflict, text) }
        const PAIR: (Code, ErrorReason) = (Code::Aborted, ErrorReason::Conflict);
        #[cfg(test)] mod tests { fn g() { refusal(Code::NotFound, ErrorReason::NotFound, text) } }
        fn i() -> &'static str { name_of(ErrorReason::Internal) }
        fn h(code: Code) -> Status { refusal(code, ErrorReason::LimitReached, text) }
    ";
    let mut reader = Reader::default();
    reader.visit_file(&syn::parse_str(source).expect("Rust"));
    let codes = ["ABORTED", "ALREADY_EXISTS"].map(str::to_owned);
    assert_eq!(reader.found, BTreeMap::from([("Conflict".to_owned(), BTreeSet::from(codes))]));
    assert_eq!(reader.alone, ["LimitReached"]);
}

#[derive(Default)]
struct Reader {
    found: BTreeMap<String, BTreeSet<String>>,
    /// Reasons in a list of arguments that no code stands before.
    alone: Vec<String>,
}

impl Reader {
    fn read(&mut self, list: &Punctuated<Expr, Token![,]>) {
        let mut before = None;
        for expression in list {
            if let Some(reason) = named(expression, "ErrorReason") {
                match before.and_then(|before| named(before, "Code")) {
                    Some(code) => drop(self.found.entry(reason).or_default().insert(shouted(&code))),
                    None => self.alone.push(reason),
                }
            }
            before = Some(expression);
        }
    }
}

impl Visit<'_> for Reader {
    fn visit_expr_call(&mut self, call: &ExprCall) {
        // Who notes the name of a reason refuses nothing.
        if !matches!(&*call.func, Expr::Path(path) if path.path.is_ident("name_of")) {
            self.read(&call.args);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_tuple(&mut self, tuple: &ExprTuple) {
        self.read(&tuple.elems);
        visit::visit_expr_tuple(self, tuple);
    }

    fn visit_item_mod(&mut self, module: &ItemMod) {
        if !module.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, module);
        }
    }
}

/// `NotFound` of `{of}::NotFound`.
fn named(expression: &Expr, of: &str) -> Option<String> {
    let Expr::Path(path) = expression else { return None };
    let segments = &path.path.segments;
    let (last, before) = (segments.last()?, segments.iter().rev().nth(1)?);
    (before.ident == of).then(|| last.ident.to_string())
}

fn is_for_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg") && list.parse_args::<Path>().is_ok_and(|path| path.is_ident("test"))
}

/// `NOT_FOUND` of `NotFound`, as gRPC writes its codes.
fn shouted(name: &str) -> String {
    let mut shouted = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !shouted.is_empty() {
            shouted.push('_');
        }
        shouted.extend(letter.to_uppercase());
    }
    shouted
}

/// The binary hears refusals and makes none.
const THE_COMMANDS: &str = "services/mintage";
