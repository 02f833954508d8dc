//! The paths that a source file names, read from its tokens: comments and strings name nothing.

use std::str::FromStr;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A path as written, `use` groups unfolded, with `self::` and `super::` resolved against the module it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

impl Named {
    /// The crate the path starts in, if it starts in one by name: `crate` for its own.
    pub(super) fn root(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    /// The room of its own crate that the path enters.
    pub(super) fn room(&self) -> Option<&str> {
        if self.root() == "crate" { self.segments.get(1).map(String::as_str) } else { None }
    }
}

/// Every path of two or more segments in what ships of `source`, and every crate that a `use` names alone.
pub(super) fn named(source: &str, module: &[&str]) -> Vec<Named> {
    let tokens = TokenStream::from_str(source).expect("a source file that rustc reads");
    let mut reader = Reader { found: Vec::new(), module: module.iter().map(|part| (*part).to_owned()).collect() };
    reader.read(tokens, &[]);
    reader.found
}

struct Reader {
    found: Vec<Named>,
    module: Vec<String>,
}

impl Reader {
    fn read(&mut self, tokens: TokenStream, prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Punct(hash) if hash.as_char() == '#' && is_for_tests(tokens.get(at + 1)) => {
                    past_item(&tokens, at + 2)
                }
                TokenTree::Ident(ident) if *ident == "mod" => self.module(&tokens, at),
                TokenTree::Ident(_) => self.path(&tokens, at, prefix),
                TokenTree::Group(group) => {
                    self.read(group.stream(), &[]);
                    at + 1
                }
                _ => at + 1,
            };
        }
    }

    /// `mod name { … }`: its paths climb from one module deeper.
    fn module(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) = (tokens.get(at + 1), tokens.get(at + 2))
        else {
            return at + 1;
        };
        self.module.push(name.to_string());
        self.read(body.stream(), &[]);
        self.module.pop();
        at + 3
    }

    /// Reads `a::b::c` or `a::{…}` from `at` on, and says where it ends.
    fn path(&mut self, tokens: &[TokenTree], at: usize, prefix: &[String]) -> usize {
        let alone = prefix.is_empty() && !follows_use(tokens, at);
        let line = tokens[at].span().start().line;
        let mut segments = prefix.to_vec();
        segments.push(tokens[at].to_string());
        let mut at = at + 1;
        while is_separator(tokens, at) {
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(ident)) => segments.push(ident.to_string()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.read(group.stream(), &segments);
                    return at + 3;
                }
                _ => break,
            }
            at += 3;
        }
        if segments.len() > 1 || !alone {
            let segments = self.resolved(segments);
            self.found.push(Named { segments, line });
        }
        at
    }

    fn resolved(&self, segments: Vec<String>) -> Vec<String> {
        let climbs = segments.iter().take_while(|segment| *segment == "super" || *segment == "self").count();
        if climbs == 0 {
            return segments;
        }
        let up = segments.iter().take(climbs).filter(|segment| *segment == "super").count();
        let stays = self.module.len().saturating_sub(up);
        let own = std::iter::once("crate".to_owned()).chain(self.module.iter().take(stays).cloned());
        own.chain(segments.into_iter().skip(climbs)).collect()
    }
}

/// `[cfg(test)]`: what follows does not ship.
fn is_for_tests(attribute: Option<&TokenTree>) -> bool {
    matches!(attribute, Some(TokenTree::Group(group)) if group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// Behind the item that begins at `at`: it ends with its body or a semicolon.
fn past_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |tree: &TokenTree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    let length = tokens.iter().skip(at).position(ends).map_or(tokens.len(), |end| end + 1);
    at + length
}

fn follows_use(tokens: &[TokenTree], at: usize) -> bool {
    matches!(at.checked_sub(1).and_then(|before| tokens.get(before)),
        Some(TokenTree::Ident(ident)) if *ident == "use" || *ident == "crate")
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |tree: Option<&TokenTree>| match tree {
        Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => Some(punct.spacing()),
        _ => None,
    };
    colon(tokens.get(at)) == Some(Spacing::Joint) && colon(tokens.get(at + 1)).is_some()
}

#[cfg(test)]
mod tests {
    use super::named;

    fn written(source: &str, module: &[&str]) -> Vec<String> {
        named(source, module).into_iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn groups_unfold_and_relative_paths_are_resolved() {
        let source = "use crate::{domain::error::{self, Kind}, store}; mod tests { use super::super::grpc::status; }";
        assert_eq!(
            written(source, &["domain", "mint"]),
            ["crate::domain::error::self", "crate::domain::error::Kind", "crate::store", "crate::domain::grpc::status"]
        );
    }

    #[test]
    fn comments_and_strings_name_nothing() {
        assert_eq!(written("// sea_orm::Entity\n/// tonic::Status\nconst A: &str = \"axum::Router\";", &[]), [""; 0]);
    }

    #[test]
    fn what_is_for_tests_alone_names_nothing() {
        let source = "#[cfg(test)]\nmod tests { use a::b; } #[cfg(test)] use c::d; #[cfg(unix)] mod e { use f::g; }";
        assert_eq!(written(source, &[]), ["f::g"]);
    }

    #[test]
    fn attributes_macros_and_expressions_name_what_they_say() {
        let source = "#[derive(serde::Serialize)] struct A; fn f() -> u8 { tracing::info!(x = ::tonic::code()); 1 }";
        assert_eq!(written(source, &[]), ["serde::Serialize", "tracing::info", "tonic::code"]);
    }
}
