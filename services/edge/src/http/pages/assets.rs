//! How pages look: styles, a script and an icon, named by what is in them, so that browsers may keep them for ever.

use std::sync::{Arc, LazyLock};

use ::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use ::http::{HeaderName, HeaderValue};
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_jose::digest;

use crate::domain::{Colour, Refusal};
use crate::http::Http;
use crate::http::errors::{Asked, answer};

/// The path of what every page looks like.
pub(super) fn style() -> &'static str {
    &STYLE.path
}

/// The path of the icon of every page.
pub(super) fn icon() -> &'static str {
    &ICON.path
}

/// The path of the script that posts a form, on the one page that has any.
pub(super) fn post_script() -> &'static str {
    &POST.path
}

/// The path of what pages look like in a tenant's colour.
pub(super) fn brand_style(colour: Option<Colour>) -> String {
    let colour = colour.unwrap_or(OWN_COLOUR);
    format!("{ROOT}{}", brand_file(colour, &brand_css(colour)))
}

/// Shows one of them.
pub(in crate::http) async fn show(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    match http.tenant_of(&head).await.and_then(|_| find(head.uri.path()).ok_or(Refusal::NothingHere)) {
        Ok((media_type, body)) => asset(media_type, body),
        Err(refusal) => answer(&refusal, &Asked::of_nobody(&http)),
    }
}

fn asset(media_type: &'static str, body: String) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn find(path: &str) -> Option<(&'static str, String)> {
    if let Some(file) = [&*STYLE, &*ICON, &*POST].into_iter().find(|file| file.path == path) {
        return Some((file.media_type, file.content.to_owned()));
    }
    let file = path.strip_prefix(ROOT)?;
    let digits = file.strip_prefix(BRAND)?.split('.').next()?;
    let colour = format!("#{digits}").parse().ok()?;
    let css = brand_css(colour);
    (file == brand_file(colour, &css)).then_some((CSS, css))
}

/// A file of the program.
struct File {
    path: String,
    media_type: &'static str,
    content: &'static str,
}

impl File {
    fn new(stem: &str, extension: &str, media_type: &'static str, content: &'static str) -> Self {
        Self { path: format!("{ROOT}{stem}.{}.{extension}", name_of(content)), media_type, content }
    }
}

/// 96 bits of the hash: enough that no two versions share a name.
fn name_of(content: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::sha256(content.as_bytes())).chars().take(16).collect()
}

fn brand_file(colour: Colour, css: &str) -> String {
    let digits = colour.to_string();
    format!("{BRAND}{}.{}.css", digits.trim_start_matches('#'), name_of(css))
}

/// A tenant's colour with what is written on it and in it, and an edge that can be seen: whatever colour it is (WCAG 2.2
/// sections 1.4.3 and 1.4.11).
fn brand_css(colour: Colour) -> String {
    let rules = |card: Colour| {
        let (edge, text) = (colour.readable_on(card, 3.0), colour.readable_on(card, 4.5));
        format!(":root{{--brand:{colour};--on-brand:{};--brand-edge:{edge};--brand-text:{text}}}", colour.ink())
    };
    format!("{}\n@media (prefers-color-scheme:dark){{{}}}\n", rules(LIGHT_GROUND), rules(DARK_GROUND))
}

static STYLE: LazyLock<File> =
    LazyLock::new(|| File::new("page", "css", CSS, include_str!("../../../assets/page.css")));
static ICON: LazyLock<File> =
    LazyLock::new(|| File::new("icon", "svg", "image/svg+xml", include_str!("../../../assets/icon.svg")));
static POST: LazyLock<File> = LazyLock::new(|| {
    File::new("post", "js", "text/javascript; charset=utf-8", include_str!("../../../assets/post.js"))
});

const ROOT: &str = "/u/assets/";
const BRAND: &str = "brand-";
const CSS: &str = "text/css; charset=utf-8";
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// Where a tenant has none.
const OWN_COLOUR: Colour = Colour::new(0x1f, 0x5f, 0x8b);
/// What `page.css` writes on: the darker of its two light grounds, and the lighter of its two dark ones.
const LIGHT_GROUND: Colour = Colour::new(0xf4, 0xf5, 0xf7);
const DARK_GROUND: Colour = Colour::new(0x20, 0x24, 0x2b);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_name_and_by_no_other() {
        let brand = brand_style(None);
        for path in [style(), icon(), post_script(), &brand] {
            assert!(find(path).is_some(), "{path}");
            assert!(find(&path.replacen('.', ".x", 1)).is_none(), "{path}");
        }
        for path in ["/u/assets/", "/u/assets/brand-", "/u/assets/brand-zzzzzz.x.css", "/u/assets/../page.css"] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_grounds_are_those_of_the_style() {
        assert!(STYLE.content.contains(&format!("--ground: {LIGHT_GROUND}")));
        assert!(STYLE.content.contains(&format!("--card: {DARK_GROUND}")));
    }
}
