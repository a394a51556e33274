use super::line::{Condition, Line, condition};
use super::refusal::{Refusal, Why};

/// So many different ids of conditional lines are told apart.
const MOST_IDS: usize = 16;
/// Blocks within blocks; reading ends there too.
const DEEPEST: usize = 32;

/// Ids of the conditional lines that hold a brace; others make no block different.
pub(super) fn ids(text: &[u8]) -> Vec<&[u8]> {
    let mut ids: Vec<&[u8]> = Vec::new();
    if memchr::memchr(b'@', text).is_none() {
        return ids;
    }
    for line in text.split(|byte| *byte == b'\n') {
        if memchr::memchr2(b'{', b'}', line).is_some()
            && let Some(found) = condition(Line::new(line, 0).code)
            && ids.len() < MOST_IDS
            && !ids.contains(&found.id)
        {
            ids.push(found.id);
        }
    }
    ids
}

/// How many blocks are open: for the host that no conditional line is for, and for the host of
/// each id.
pub(super) struct Depth<'t> {
    ids: &'t [&'t [u8]],
    /// By host; the first is the one without an id.
    open: Vec<usize>,
    /// The host that the text is laid out as, and where its blocks opened.
    reference: usize,
    opened: Vec<usize>,
}

/// A brace that counts, at a byte of the text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Brace {
    Open(usize),
    Close(usize),
}

impl<'t> Depth<'t> {
    pub(super) fn new(ids: &'t [&'t [u8]], reference: usize) -> Self {
        Self {
            ids,
            open: vec![0; ids.len() + 1],
            reference,
            opened: Vec::new(),
        }
    }

    /// Blocks open around a line.
    pub(super) fn of(&self, condition: Option<Condition<'_>>) -> usize {
        let takes = |host: &usize| self.takes(*host, condition);
        let host = Some(self.reference).filter(takes);
        let host = host.or_else(|| (0..self.open.len()).rev().find(takes));
        self.open[host.unwrap_or(self.reference)].min(DEEPEST)
    }

    fn takes(&self, host: usize, condition: Option<Condition<'_>>) -> bool {
        let Some(condition) = condition else {
            return true;
        };
        let named = host.checked_sub(1).map(|host| self.ids[host]) == Some(condition.id);
        named != condition.inverted
    }

    /// Counts a brace for the hosts that take its line.
    pub(super) fn count(
        &mut self,
        brace: Brace,
        condition: Option<Condition<'_>>,
    ) -> Result<(), Refusal> {
        self.count_where(brace, condition, true)
    }

    /// Counts a brace for the hosts that do not take the definition it stands in, to which its line
    /// is a line of its own.
    pub(super) fn count_in_definition(
        &mut self,
        brace: Brace,
        condition: Option<Condition<'_>>,
    ) -> Result<(), Refusal> {
        self.count_where(brace, condition, false)
    }

    fn count_where(
        &mut self,
        brace: Brace,
        condition: Option<Condition<'_>>,
        taken: bool,
    ) -> Result<(), Refusal> {
        for host in 0..self.open.len() {
            if self.takes(host, condition) != taken {
                continue;
            }
            let open = &mut self.open[host];
            *open = match brace {
                Brace::Open(_) => *open + 1,
                Brace::Close(_) => open.saturating_sub(1),
            };
            if host != self.reference {
                continue;
            }
            match brace {
                Brace::Open(at) if self.opened.len() >= DEEPEST => {
                    let why = Why::TooDeep;
                    return Err(Refusal { at, why });
                }
                Brace::Open(at) => self.opened.push(at),
                Brace::Close(at) => {
                    let why = Why::ClosesNothing;
                    self.opened.pop().ok_or(Refusal { at, why })?;
                }
            }
        }
        Ok(())
    }

    /// The text is at its end.
    pub(super) fn end(self) -> Result<(), Refusal> {
        match self.opened.last() {
            None => Ok(()),
            Some(at) => Err(Refusal {
                at: *at,
                why: Why::NotClosed,
            }),
        }
    }
}
