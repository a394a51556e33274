use std::time::Duration;

use super::page::{MOST_BODY, Page};
use crate::health::Verdict;
use crate::model::check::{Regex, Url};
use crate::probe::slow::excerpt::excerpt;
use crate::probe::slow::search::Search;

/// Whether a page is as it should be: status, then digest, then pattern, which is looked for no
/// longer than `limit`.
pub(super) async fn judge(
    url: &Url,
    page: Page,
    limit: Duration,
    search: &Search,
) -> Result<(), Verdict> {
    let path = &url.path;
    if !url.status.contains(page.status) {
        let (status, expected) = (page.status, &url.status);
        return failed(format!("status {status} of {path}, {expected} expected"));
    }
    if let (Some(expected), Some(found)) = (url.digest, page.digest) {
        if page.cut {
            return failed(too_long(url));
        }
        if found != expected {
            let (found, expected) = (hex(found), hex(expected));
            return failed(format!(
                "body of {path} has the digest {found}, {expected} expected"
            ));
        }
    }
    if let (Some(regex), Some(body)) = (&url.regex, page.body) {
        let found = search.find(regex, body, limit, &path.to_string()).await?;
        return expected(url, regex, found, page.cut);
    }
    Ok(())
}

/// Whether a match, or none, is what was wanted.
fn expected(url: &Url, regex: &Regex, found: Option<usize>, cut: bool) -> Result<(), Verdict> {
    let shown = excerpt(regex.pattern.as_bytes());
    let path = &url.path;
    match found {
        Some(at) if regex.no_match => failed(format!("body of {path} holds {shown}, at byte {at}")),
        None if cut => failed(too_long(url)),
        None if !regex.no_match => failed(format!("body of {path} does not hold {shown}")),
        _ => Ok(()),
    }
}

fn too_long(url: &Url) -> String {
    format!(
        "body of {} is longer than {} MiB",
        url.path,
        MOST_BODY >> 20
    )
}

fn hex(digest: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(digest))
}

fn failed(why: String) -> Result<(), Verdict> {
    Err(Verdict::Failed(why))
}
