//! Lists, page after page.

use anyhow::ensure;
use mintage_api::keys::ListKeyRingsRequest;
use mintage_api::registry::GetTenantRequest;
use tonic::{Code, Status};

use super::arguments::InTenant;
use crate::output::{Answer, View};
use crate::session::Session;

/// Everything on all pages: `page` gives the items behind a page token, and the next token or nothing.
pub(crate) async fn all<T>(
    mut page: impl AsyncFnMut(String) -> Result<(Vec<T>, String), Status>,
) -> anyhow::Result<Vec<T>> {
    let (mut items, mut token) = page(String::new()).await?;
    while !token.is_empty() {
        let (more, next) = page(token.clone()).await?;
        ensure!(next != token, "the server gives the same page of the list again and again");
        items.extend(more);
        token = next;
    }
    Ok(items)
}

/// The answer of a list of `place`. Nothing in it may mean that there is no such tenant: then that is what is said, to
/// an operator who may know.
pub(crate) async fn answer<T, V: View + From<T>>(
    items: Vec<T>,
    place: InTenant,
    session: &Session,
) -> anyhow::Result<Answer> {
    if items.is_empty() {
        check_tenant(&place, session).await?;
    }
    Answer::many(&items.into_iter().map(V::from).collect::<Vec<_>>())
}

/// That a tenant which was named, and of which there is nothing, is there at least; an operator who may not know hears
/// nothing. The installation may not ask for tenants, but each has key rings: one whose record is empty, too.
pub(crate) async fn check_tenant(place: &InTenant, session: &Session) -> anyhow::Result<()> {
    if place.tenant.is_empty() {
        return Ok(());
    }
    let id = place.tenant.clone();
    if session.is_installation() {
        let request = ListKeyRingsRequest { tenant_id: id, page_size: 1, ..ListKeyRingsRequest::default() };
        let found = session.key_rings().await?.list_key_rings(request).await?.into_inner();
        ensure!(!found.rings.is_empty(), "there is no tenant {:?}: key management keeps no key of it", place.tenant);
        return Ok(());
    }
    let found = session.tenants().await?.get_tenant(GetTenantRequest { id }).await;
    Ok(found.map(drop).or_else(|status| if status.code() == Code::PermissionDenied { Ok(()) } else { Err(status) })?)
}

/// The most a page may hold.
pub(crate) const PAGE_SIZE: i32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_is_followed_to_its_last_page() {
        let pages = async |token: String| match token.as_str() {
            "" => Ok((vec![1, 2], "second".to_owned())),
            "second" => Ok((vec![3], "third".to_owned())),
            _ => Ok((vec![4], String::new())),
        };
        assert_eq!(all(pages).await.unwrap(), [1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn a_list_that_goes_in_circles_ends() {
        let pages = async |_| Ok((vec![1], "again".to_owned()));
        assert!(all(pages).await.is_err());
    }
}
