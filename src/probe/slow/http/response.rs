//! Source: RFC 9112, sections 4, 6.3 and 7.1.

use httparse::{EMPTY_HEADER, ParserConfig, Status};

use super::chunks::Chunks;
use super::page::{Body, Page};
use crate::health::Verdict;
use crate::model::check::Url;

/// Bytes of a header, status line and all; lines in it.
const MOST_HEADER: usize = 64 * 1024;
const MOST_LINES: usize = 256;

/// An answer while it comes in.
#[derive(Debug)]
pub(super) struct Response<'a> {
    url: &'a Url,
    stage: Stage,
    body: Body,
}

#[derive(Debug)]
enum Stage {
    /// As far as it has come.
    Header(Vec<u8>),
    Body(u16, Framing),
}

/// How the end of a body is known.
#[derive(Debug)]
enum Framing {
    /// So many bytes are still to come.
    Length(u64),
    Chunks(Chunks),
    /// By the end of the connection.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    GoesOn,
    /// All is there that is of interest.
    Ended,
}

/// What was answered is something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoHttp;

impl From<NoHttp> for Verdict {
    fn from(_: NoHttp) -> Self {
        Self::Failed("the answer is no HTTP".to_owned())
    }
}

impl<'a> Response<'a> {
    pub(super) fn new(url: &'a Url) -> Self {
        Self {
            url,
            stage: Stage::Header(Vec::new()),
            body: Body::new(url),
        }
    }

    /// Takes what the connection brought.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Progress, Verdict> {
        match &mut self.stage {
            Stage::Header(header) => {
                let searched = header.len().saturating_sub(3);
                header.extend_from_slice(bytes);
                self.header(searched)
            }
            Stage::Body(..) => Ok(self.body(bytes)?),
        }
    }

    /// The connection has ended, and whatever is there is the page.
    pub(super) fn closed(self) -> Result<Page, Verdict> {
        match self.stage {
            Stage::Body(status, _) => Ok(self.body.ended(status)),
            Stage::Header(header) if header.is_empty() => Err(Verdict::Failed(
                "the server closed the connection without an answer".to_owned(),
            )),
            Stage::Header(_) => Err(NoHttp.into()),
        }
    }

    /// Looks for the end of a header from `searched` on, and for the body behind it.
    fn header(&mut self, searched: usize) -> Result<Progress, Verdict> {
        let Stage::Header(bytes) = &self.stage else {
            return Ok(Progress::GoesOn);
        };
        let start = &bytes[..bytes.len().min(5)];
        if !b"HTTP/".starts_with(start) {
            return Err(NoHttp.into());
        }
        let Some(end) = end_of_header(bytes, searched) else {
            if bytes.len() > MOST_HEADER {
                let path = &self.url.path;
                return Err(Verdict::Failed(format!(
                    "the header of {path} is longer than {} KiB",
                    MOST_HEADER / 1024
                )));
            }
            return Ok(Progress::GoesOn);
        };
        let (header, rest) = bytes.split_at(end);
        let (status, framing) = parsed(header)?;
        let rest = rest.to_vec();
        if is_interim(status) && !self.url.status.contains(status) {
            self.stage = Stage::Header(rest);
            return self.header(0);
        }
        self.stage = Stage::Body(status, framing);
        if !self.url.status.contains(status) {
            return Ok(Progress::Ended);
        }
        Ok(self.body(&rest)?)
    }

    fn body(&mut self, bytes: &[u8]) -> Result<Progress, NoHttp> {
        let Stage::Body(_, framing) = &mut self.stage else {
            return Ok(Progress::GoesOn);
        };
        let ended = match framing {
            Framing::Close => {
                self.body.take(bytes);
                false
            }
            Framing::Chunks(chunks) => {
                chunks.read(bytes, &mut |data| self.body.take(data))?;
                chunks.ended()
            }
            Framing::Length(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX);
                let data = &bytes[..bytes.len().min(here)];
                self.body.take(data);
                *left -= data.len() as u64;
                *left == 0
            }
        };
        Ok(if ended || self.body.cut() {
            Progress::Ended
        } else {
            Progress::GoesOn
        })
    }
}

/// 100 to 199, behind which the answer proper comes; but after 101 it is no HTTP any more.
fn is_interim(status: u16) -> bool {
    matches!(status, 100 | 102..=199)
}

/// Behind the empty line.
fn end_of_header(bytes: &[u8], searched: usize) -> Option<usize> {
    let newlines = memchr::memchr_iter(b'\n', &bytes[searched..]);
    newlines
        .map(|at| searched + at + 1)
        .find_map(|next| match &bytes[next..] {
            [b'\n', ..] => Some(next + 1),
            [b'\r', b'\n', ..] => Some(next + 2),
            _ => None,
        })
}

/// Status, and how the end of the body is known.
fn parsed(header: &[u8]) -> Result<(u16, Framing), NoHttp> {
    let mut lines = [EMPTY_HEADER; MOST_LINES];
    let mut response = httparse::Response::new(&mut lines);
    // Nothing but the status and the length is of interest; what else is odd does no harm.
    let read = ParserConfig::default()
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut response, header);
    let (Ok(Status::Complete(_)), Some(status)) = (read, response.code) else {
        return Err(NoHttp);
    };
    Ok((status, framing(status, response.headers)))
}

fn framing(status: u16, lines: &[httparse::Header<'_>]) -> Framing {
    if matches!(status, 100..=199 | 204 | 304) {
        return Framing::Length(0);
    }
    let values = |name: &'static str| {
        let named = lines
            .iter()
            .filter(move |line| line.name.eq_ignore_ascii_case(name));
        named.map(|line| line.value.trim_ascii())
    };
    let coded = values("transfer-encoding").next_back();
    match coded {
        Some(coding) if ends_chunked(coding) => return Framing::Chunks(Chunks::new()),
        Some(_) => return Framing::Close,
        None => {}
    }
    let length = values("content-length").find_map(|value| {
        let digits = value.iter().all(u8::is_ascii_digit);
        let text = std::str::from_utf8(value).ok().filter(|_| digits)?;
        text.parse().ok()
    });
    length.map_or(Framing::Close, Framing::Length)
}

/// The last of the codings that a line names.
fn ends_chunked(codings: &[u8]) -> bool {
    let last = codings.rsplit(|byte| *byte == b',').next();
    last.is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}
