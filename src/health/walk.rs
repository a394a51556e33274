use super::machine::Event;
use crate::model::check::ProbeKind;

/// Where a check is among its pages: one is fetched at a time.
///
/// After a failure the same page is fetched until it is as it should be, and then all of them
/// from the first, as keepalived does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Walk {
    page: usize,
    /// The page has failed for good: all have to be seen again.
    failed: bool,
}

impl Walk {
    pub(super) fn page(self) -> usize {
        self.page
    }

    /// The page was as it should be; what that is to the check.
    pub(super) fn pass(&mut self, kind: &ProbeKind) -> Event {
        let pages = match kind {
            ProbeKind::Http(http) => http.urls.len(),
            _ => return Event::Passed,
        };
        if std::mem::take(&mut self.failed) {
            self.page = 0;
            return Event::Partly;
        }
        self.page += 1;
        if self.page < pages {
            return Event::Partly;
        }
        self.page = 0;
        Event::Passed
    }

    /// A check's patience with the page has ended.
    pub(super) fn fail(&mut self) {
        self.failed = true;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::check::{Http, HttpVersion, StatusSet, Url};

    fn http(pages: usize) -> ProbeKind {
        let url = Url {
            path: "/".into(),
            virtualhost: None,
            server_name: None,
            tls_compliant: false,
            status: StatusSet::default(),
            digest: None,
            regex: None,
        };
        ProbeKind::Http(Arc::new(Http {
            tls: false,
            version: HttpVersion::default(),
            fast_recovery: false,
            urls: vec![url; pages].into(),
        }))
    }

    #[test]
    fn pages_come_one_after_the_other_and_the_last_one_passes() {
        // (pages, `.` passed `x` failed for good: page asked and what it came to)
        let cases = [
            (1, "..", "0P 0P"),
            (3, "....", "0p 1p 2P 0p"),
            (1, "xx..", "0 0 0p 0P"),
            (3, ".x....", "0p 1 1p 0p 1p 2P"),
        ];
        for (pages, probes, want) in cases {
            let (mut walk, kind) = (Walk::default(), http(pages));
            let mut got = Vec::new();
            for probe in probes.chars() {
                let page = walk.page();
                got.push(match probe {
                    '.' if walk.pass(&kind) == Event::Passed => format!("{page}P"),
                    '.' => format!("{page}p"),
                    _ => {
                        walk.fail();
                        page.to_string()
                    }
                });
            }
            assert_eq!(got.join(" "), want);
        }
    }

    #[test]
    fn any_other_check_passes_at_once_even_after_a_failure() {
        let mut walk = Walk::default();
        walk.fail();
        assert_eq!(walk.pass(&ProbeKind::Tcp), Event::Passed);
    }
}
