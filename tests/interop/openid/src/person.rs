//! A person with a browser, as far as it takes to say yes: follows redirects, fills in forms, keeps cookies.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use openidconnect::url::Url;
use openidconnect::url::form_urlencoded::Serializer;

use crate::demo::Demo;

/// One browser.
pub(crate) struct Person<'a> {
    demo: &'a Demo,
    cookies: RefCell<BTreeMap<String, String>>,
}

/// Where a browser is, and what it shows there; nothing where that is not the server.
struct Stop {
    url: Url,
    page: String,
}

impl<'a> Person<'a> {
    pub(crate) fn new(demo: &'a Demo) -> Self {
        Self { demo, cookies: RefCell::default() }
    }

    /// Opens the link, signs the demo user in where that is asked, and allows; returns where the client is answered.
    pub(crate) fn allow(&self, link: &Url) -> anyhow::Result<Url> {
        let mut stop = self.go(link.clone(), None)?;
        if stop.url.path() == SIGN_IN {
            stop = self.send(&stop, SIGN_IN, &[("email", &self.demo.email), ("password", &self.demo.password)])?;
        }
        if stop.url.path() == CONSENT {
            stop = self.send(&stop, CONSENT, &[("decision", "allow")])?;
        }
        stop.left()
    }

    /// Opens the link and does nothing; returns where that led.
    pub(crate) fn open(&self, link: &Url) -> anyhow::Result<Url> {
        self.go(link.clone(), None)?.left()
    }

    fn send(&self, at: &Stop, action: &str, filled: &[(&str, &str)]) -> anyhow::Result<Stop> {
        let mut form = Serializer::new(String::new());
        for (name, value) in hidden(&at.page, action)? {
            form.append_pair(&name, &value);
        }
        form.extend_pairs(filled);
        self.go(at.url.join(action)?, Some(form.finish()))
    }

    fn go(&self, mut url: Url, mut form: Option<String>) -> anyhow::Result<Stop> {
        let origin = url.origin();
        for _ in 0..10 {
            let (onward, page) = self.visit(&url, form.take())?;
            let Some(onward) = onward else { return Ok(Stop { url, page }) };
            url = url.join(&onward)?;
            if url.origin() != origin {
                return Ok(Stop { url, page: String::new() });
            }
        }
        anyhow::bail!("more than ten redirects, at last to {url}")
    }

    /// One request; where it leads, and what it shows.
    fn visit(&self, url: &Url, form: Option<String>) -> anyhow::Result<(Option<String>, String)> {
        let cookies: Vec<_> = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut answer = match form {
            None => self.demo.http.get(url.as_str()).header("cookie", cookies).call()?,
            Some(form) => {
                let request = self.demo.http.post(url.as_str()).header("cookie", cookies);
                let request = request.header("origin", url.origin().ascii_serialization());
                request.content_type("application/x-www-form-urlencoded").send(form)?
            }
        };
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie without a value")?;
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        let onward = answer.headers().get("location").map(|onward| onward.to_str().map(ToOwned::to_owned));
        Ok((onward.transpose()?, answer.body_mut().read_to_string()?))
    }
}

impl Stop {
    /// Where a client is answered: by a redirect, or by a page that leaves at once.
    fn left(self) -> anyhow::Result<Url> {
        match self.page.split("<meta http-equiv=\"refresh\"").nth(1) {
            Some(rest) => {
                let content = attribute(rest, "content").context("a page that leaves for nowhere")?;
                Ok(Url::parse(content.strip_prefix("0;url=").context("a page that takes its time")?)?)
            }
            None => Ok(self.url),
        }
    }
}

/// What the form that posts to `action` carries unseen.
fn hidden(page: &str, action: &str) -> anyhow::Result<Vec<(String, String)>> {
    let form = page.split(&format!("action=\"{action}?")).nth(1).and_then(|rest| rest.split("</form>").next());
    let form = form.with_context(|| format!("no form for {action}: {page}"))?;
    let inputs = form.split("<input ").skip(1).filter_map(|rest| rest.split('>').next());
    let hidden = inputs.filter(|input| attribute(input, "type").as_deref() == Some("hidden"));
    let fields: Vec<_> =
        hidden.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?))).collect();
    ensure!(!fields.is_empty(), "the form for {action} carries nothing");
    Ok(fields)
}

/// An attribute's value, as HTML writes it, read.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = format!(" {tag}");
    let written = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(written.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&").replace("&amp;", "&"))
}

const SIGN_IN: &str = "/u/sign-in";
const CONSENT: &str = "/u/consent";
